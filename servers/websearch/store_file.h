#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace fairlead::websearch {

/// A statement that is being run. Columns count from 0, parameters from 1.
class Statement {
 public:
  Statement(sqlite3* database, std::string_view sql);
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  Statement& bind(int parameter, std::string_view text);
  Statement& bind(int parameter, std::int64_t number);
  Statement& bind_bytes(int parameter, std::string_view bytes);
  /// True while there is a row. Throws Failure.
  bool step();
  std::string text(int column) const;
  std::int64_t number(int column) const;
  double real(int column) const;

 private:
  sqlite3* database_;
  sqlite3_stmt* statement_ = nullptr;
};

/// The one SQLite file that holds the index and the cache: WAL, several threads and processes at a
/// time. What is deleted is overwritten. Any thread.
class StoreFile {
 public:
  /// Opens it, or makes it with its folder; readable by its owner only. Empty: a temporary
  /// one, gone at the end. Throws Failure.
  explicit StoreFile(const std::string& path);
  ~StoreFile();
  StoreFile(const StoreFile&) = delete;
  StoreFile& operator=(const StoreFile&) = delete;

  /// A connection for one thread, given back at its end.
  class Lease {
   public:
    explicit Lease(StoreFile& file) : file_(file), database_(file.take()) {}
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() { file_.give_back(database_); }
    sqlite3* get() const { return database_; }
    void run(const char* sql) const;

   private:
    StoreFile& file_;
    sqlite3* database_;
  };

  /// A transaction that writes; undone unless it was committed.
  class Writing {
   public:
    explicit Writing(StoreFile& file);
    Writing(const Writing&) = delete;
    Writing& operator=(const Writing&) = delete;
    ~Writing();
    void commit();
    sqlite3* get() const { return lease_.get(); }

   private:
    std::unique_lock<std::mutex> one_writer_;
    Lease lease_;
    bool open_ = true;
  };

  /// Writes the log into the file and empties it, so that nothing deleted stays there.
  void empty_log();

 private:
  sqlite3* take();
  void give_back(sqlite3* database);
  sqlite3* open() const;

  std::string path_;
  std::string temporary_folder_;
  std::mutex mutex_;
  std::vector<sqlite3*> idle_;
  std::mutex writing_;
};

}  // namespace fairlead::websearch
