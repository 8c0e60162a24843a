#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <mcp/base/error.h>
#include <mcp/base/json.h>

// One SQLite file, opened for a reader that is not trusted: whatever SQL it sends, it can only do
// what the mode allows, within bounds of time, memory and result size that it cannot lift.
// docs/database-server.md names every layer and what it stops.

namespace fairlead::database {

using mcp::Json;

enum class Mode {
  read_only,  ///< SELECT, EXPLAIN and the PRAGMAs that only report
  write,      ///< also INSERT, UPDATE, DELETE, CREATE, ALTER, DROP; never another file
};

struct Options {
  Mode mode = Mode::read_only;
  /// Rows of one result at most; a query may ask for fewer, never for more.
  std::size_t max_rows = 200;
  /// Bytes of one result's rows as JSON at most: 50,000 stay below 20,000 tokens.
  std::size_t max_bytes = 50'000;
  /// How long one call may take, the wait for a free connection included.
  std::chrono::milliseconds timeout{30'000};
  /// How long a call waits for another program's lock on the file.
  std::chrono::milliseconds busy_timeout{5'000};
  /// Connections, hence statements that run at the same time; each is opened when first needed.
  std::size_t connections = 4;
  /// The longest text or blob that SQLite may build or read.
  std::size_t max_value_bytes = 1'000'000;
  /// What all SQLite work of this process may allocate together. The limit is the process's: the
  /// lowest of all databases counts.
  std::size_t heap_bytes = 256u * 1024 * 1024;
  /// The clock of the deadlines.
  std::function<std::chrono::steady_clock::time_point()> now = std::chrono::steady_clock::now;
};

/// Why a call failed, for programs; what() is the whole text for the model.
enum class Reason {
  invalid_sql,    ///< SQLite refused or stopped the statement
  not_allowed,    ///< outside what the mode allows
  bad_parameter,  ///< the parameters do not fit the statement, or no such table
  timeout,
  cancelled,
  too_large,    ///< a value, or the work, is past its bound
  busy,         ///< the file is locked, or all connections are in use
  bad_database  ///< missing, no SQLite database, damaged, unreadable
};

/// A failure that the model should read: SQLite's message, the place in the SQL, and a hint.
/// Never names a path, only the file's own name.
class Failure : public mcp::ToolError {
 public:
  Failure(Reason reason, const std::string& text) : ToolError(text), reason_(reason) {}
  Reason reason() const noexcept { return reason_; }

 private:
  Reason reason_;
};

struct Query {
  /// Exactly one statement.
  std::string sql;
  /// Null, an array for `?`, or an object for `:name`. Values: null, true, false, numbers, strings,
  /// and {"base64": "…"} for a blob.
  Json params = nullptr;
  /// Fewer rows than the options allow.
  std::optional<std::size_t> max_rows = std::nullopt;
};

struct ResultColumn {
  std::string name;                 ///< unique in the result: a second `id` is called `id_2`
  std::optional<std::string> type;  ///< as declared; absent for an expression
};

/// Values are JSON: integers beyond ±2^53 as strings, blobs as {"base64": "…", "bytes": N} (with
/// "truncated": true when only the beginning is there), infinity as "Infinity" or "-Infinity".
struct QueryResult {
  std::vector<ResultColumn> columns;
  Json rows = Json::array();            ///< an array of arrays, in the order of `columns`
  std::size_t row_count = 0;            ///< how many rows are here
  bool truncated = false;               ///< true exactly when there are more rows than these
  std::optional<std::int64_t> changes;  ///< rows written, after INSERT, UPDATE or DELETE
  std::vector<std::string> notes;       ///< what the reader must know: cut values, how to go on
};

struct ColumnInfo {
  std::string name;
  std::string type;  ///< as declared, may be empty
  bool nullable = true;
  bool primary_key = false;
  std::optional<std::string> default_value;  ///< an SQL expression
  std::optional<std::string> generated;      ///< "virtual" or "stored"
};

struct TableSummary {
  std::string table;
  std::string type;  ///< "table", "view" or "virtual"
  std::vector<ColumnInfo> columns;
  /// Exact up to 10,000; beyond that from SQLite's statistics or the highest rowid; absent for
  /// views and where it would be expensive.
  std::optional<std::int64_t> approximate_rows;
  std::optional<std::string> problem;  ///< why the columns are not known, e.g. a broken view
};

struct TableList {
  std::vector<TableSummary> tables;
  std::size_t total = 0;
  bool truncated = false;  ///< true when the byte cap left tables out
};

struct ForeignKey {
  std::vector<std::string> columns;
  std::string table;
  std::vector<std::string> referenced_columns;  ///< empty: the other table's primary key
  std::string on_update;
  std::string on_delete;
};

struct Index {
  std::string name;
  std::vector<std::string> columns;  ///< "(expression)" for an indexed expression
  bool unique = false;
  bool partial = false;
};

struct TableDescription {
  std::string table;
  std::string type;
  std::vector<ColumnInfo> columns;
  std::vector<std::string> primary_key;  ///< in key order
  std::vector<ForeignKey> foreign_keys;
  std::vector<Index> indexes;
  std::optional<std::int64_t> approximate_rows;
  std::string sql;                    ///< the CREATE statement
  std::optional<QueryResult> sample;  ///< the first rows; absent when they can't be read
};

struct Completion {
  std::vector<std::string> values;
  std::size_t total = 0;
};

/// All functions may be called from any thread, at the same time; each blocks until its answer is
/// there, the deadline has passed or `stop` is requested. Nothing is opened before the first call.
/// Destroy it when no call is running. All throw Failure.
class Database {
 public:
  /// Looks at the file, without opening it as a database: missing, not a regular file or not
  /// SQLite's format is refused here.
  Database(const std::filesystem::path& file, Options options);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  const Options& options() const noexcept;
  /// The file's own name, without its folder.
  const std::string& name() const noexcept;

  QueryResult query(const Query& query, std::stop_token stop = {});
  TableList list_tables(std::stop_token stop = {});
  TableDescription describe_table(std::string_view table, std::stop_token stop = {});
  /// Every table, view, index and trigger: an array of {type, name, tbl_name, sql}.
  Json schema(std::stop_token stop = {});
  /// Names of tables and views that begin with `prefix`, letter case aside, at most `limit`.
  Completion complete_table(std::string_view prefix, std::size_t limit = 100,
                            std::stop_token stop = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// `name` as an SQL identifier: in double quotes where it needs them.
std::string quote_identifier(std::string_view name);

}  // namespace fairlead::database
