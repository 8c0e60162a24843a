#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "servers/database/access.h"
#include "servers/database/allocation_meter.h"
#include "servers/database/database.h"

struct sqlite3;
struct sqlite3_stmt;

namespace fairlead::database {

/// Throws Failure (bad_database) unless `file` is a regular file that is empty or begins as
/// SQLite's files do. A pipe or a device would block the open, so they never get that far.
void check_file(const std::filesystem::path& file);

/// One connection, hardened before it sees any foreign SQL: the authorizer, read-only open,
/// query_only, defensive mode, limits. Used by one thread at a time; only `Watch` lets others in,
/// to interrupt.
class Connection {
 public:
  /// Opens the file. `file` is absolute. Throws Failure.
  Connection(const std::filesystem::path& file, const Options& options);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// While it lives, everything the connection runs ends at `deadline` or when `stop` is requested.
  /// Lives on the thread that uses the connection.
  class Watch {
   public:
    Watch(Connection& connection, std::chrono::steady_clock::time_point deadline,
          std::stop_token stop);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    /// The most memory that SQLite took for this call.
    std::int64_t peak_memory() const noexcept { return meter_.peak(); }

   private:
    struct Interrupt {
      sqlite3* database;
      void operator()() const noexcept;
    };
    Connection& connection_;
    AllocationMeter meter_;
    std::stop_callback<Interrupt> callback_;
  };

  /// True when the call that is under way was cancelled or has met its deadline. For code that
  /// runs inside a statement, which has to end it with SQLITE_INTERRUPT then.
  bool must_end() noexcept;

  sqlite3* handle() const noexcept { return database_; }
  const Options& options() const noexcept { return options_; }
  const std::string& file_name() const noexcept { return file_name_; }
  Access& access() noexcept { return access_; }

  /// Connects the virtual tables of the schema where it has changed since the last call. Some
  /// (R-tree) compile their own writing statements at that moment, which the authorizer would
  /// refuse, so it happens before foreign SQL is compiled.
  void connect_virtual_tables();

  /// True when the file was opened as one that nobody writes, and somebody has begun to.
  bool outdated() const;

  /// Throws the Failure for an error code that SQLite just returned. `sql` is what it was about,
  /// when that came from outside.
  [[noreturn]] void fail(int code, std::string_view sql = {});

 private:
  friend class Statement;
  static int on_progress(void* connection) noexcept;
  static int on_busy(void* connection, int count) noexcept;
  int open(bool immutable);
  void close() noexcept;
  void harden();
  void prepare_reads_of(const std::vector<std::string>& tables);

  std::filesystem::path file_;
  std::string file_name_;
  const Options& options_;
  sqlite3* database_ = nullptr;
  Access access_;
  bool immutable_ = false;
  std::optional<std::int64_t> known_schema_;
  // Of the Watch that is alive.
  std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::time_point::max();
  std::chrono::steady_clock::time_point busy_since_{};
  std::stop_token stop_;
  std::optional<Reason> ended_;
  AllocationMeter* meter_ = nullptr;
};

/// A compiled statement. Its own SQL (ours) or foreign SQL: `tail` gets what follows the statement.
class Statement {
 public:
  Statement(Connection& connection, std::string_view sql, std::string_view* tail = nullptr);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  /// False when the SQL was only white space and comments.
  explicit operator bool() const noexcept { return statement_ != nullptr; }
  sqlite3_stmt* handle() const noexcept { return statement_; }
  Statement& bind(int position, std::string_view text);
  /// True when there is a row.
  bool step();
  std::string text(int column) const;
  bool is_null(int column) const;
  std::int64_t integer(int column) const;

 private:
  Connection& connection_;
  std::string_view sql_;
  sqlite3_stmt* statement_ = nullptr;
};

}  // namespace fairlead::database
