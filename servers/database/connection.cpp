#include "servers/database/connection.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <thread>
#include <utility>

#include "servers/database/bounded_functions.h"
#include "servers/database/failure_text.h"

namespace fairlead::database {
namespace {

constexpr std::string_view magic{"SQLite format 3\0", 16};
// Virtual machine steps between two looks at the clock, some microseconds of work.
constexpr int steps_between_checks = 200;
// SQLite writes out views and tables of WITH wherever they are read, which doubles with each level:
// a few hundred bytes of SQL would fill the heap, and take seconds in which nothing stops it.
constexpr std::int64_t max_compile_bytes = 16'000'000;

// The first 20 bytes of the file: its format's name, then page size and the journal's version.
std::string read_header(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw Failure(Reason::bad_database, file.filename().string() + " can't be read.");
  std::string header(20, '\0');
  in.read(header.data(), static_cast<std::streamsize>(header.size()));
  header.resize(static_cast<std::size_t>(in.gcount()));
  return header;
}

bool is_wal(const std::filesystem::path& file) {
  const std::string header = read_header(file);
  return header.size() == 20 && header[19] == 2;
}

bool wal_has_content(const std::filesystem::path& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file.string() + "-wal", error);
  return !error && size > 0;
}

std::string immutable_uri(const std::filesystem::path& file) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string uri = "file:";
  for (const char c : file.string()) {
    if (c == '%' || c == '?' || c == '#') {
      const auto byte = static_cast<unsigned char>(c);
      uri += {'%', digits[byte >> 4], digits[byte & 15]};
    } else {
      uri += c;
    }
  }
  return uri + "?immutable=1";
}

int run(sqlite3* database, const char* sql) {
  return sqlite3_exec(database, sql, nullptr, nullptr, nullptr);
}

}  // namespace

void check_file(const std::filesystem::path& file) {
  const std::string name = file.filename().string();
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (!std::filesystem::exists(status)) {
    throw Failure(Reason::bad_database, "There is no database file " + name + ".");
  }
  if (std::filesystem::is_directory(status)) {
    throw Failure(Reason::bad_database, name + " is a directory, not a database file.");
  }
  if (!std::filesystem::is_regular_file(status)) {
    throw Failure(Reason::bad_database, name + " is not a regular file.");
  }
  const std::string header = read_header(file);
  if (!header.empty() && header.substr(0, magic.size()) != magic) {
    throw Failure(Reason::bad_database,
                  name + " is not an SQLite database (or it is an encrypted one).");
  }
}

Connection::Connection(const std::filesystem::path& file, const Options& options)
    : file_(file), file_name_(file.filename().string()), options_(options) {
  check_file(file_);
  access_.mode = options.mode;
  try {
    int code = open(false);
    // A database in WAL mode needs its -wal and -shm files, and in a folder where they can't be
    // made SQLite refuses. With no -wal there is nothing in it that is not in the file itself.
    const bool refused = (code & 0xFF) == SQLITE_CANTOPEN || (code & 0xFF) == SQLITE_READONLY;
    if (refused && options.mode == Mode::read_only && is_wal(file_) && !wal_has_content(file_)) {
      close();
      code = open(true);
    }
    if (code != SQLITE_OK) fail(code);
    prepare_reads_of(table_functions());
    connect_virtual_tables();
  } catch (...) {
    close();
    throw;
  }
}

Connection::~Connection() {
  close();
}

void Connection::close() noexcept {
  sqlite3_close_v2(database_);
  database_ = nullptr;
}

int Connection::open(bool immutable) {
  immutable_ = immutable;
  known_schema_.reset();
  const int access = options_.mode == Mode::write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
  // An absolute path begins with '/', so it can never be taken for a URI or for ":memory:".
  const std::string name = immutable ? immutable_uri(file_) : file_.string();
  const int code = sqlite3_open_v2(
      name.c_str(), &database_,
      access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | (immutable ? SQLITE_OPEN_URI : 0),
      nullptr);
  if (code != SQLITE_OK) return code;
  harden();
  return run(database_, "SELECT 1 FROM sqlite_schema LIMIT 1");
}

void Connection::harden() {
  const auto configure = [&](int option, int value) {
    const int code = sqlite3_db_config(database_, option, value, nullptr);
    if (code != SQLITE_OK) fail(code);
  };
  configure(SQLITE_DBCONFIG_DEFENSIVE, 1);
  configure(SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0);
  configure(SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0);
  configure(SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0);
  configure(SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0);
  configure(SQLITE_DBCONFIG_ENABLE_FKEY, 1);
  // Else a misspelt "column" in double quotes silently becomes a text.
  configure(SQLITE_DBCONFIG_DQS_DML, 0);

  constexpr std::array<std::pair<int, int>, 11> limits = {{
      // Also bounds what one row computes: SQLite does not look at the deadline between functions.
      {SQLITE_LIMIT_SQL_LENGTH, 64 * 1024},
      {SQLITE_LIMIT_COLUMN, 2000},
      {SQLITE_LIMIT_EXPR_DEPTH, 500},
      {SQLITE_LIMIT_COMPOUND_SELECT, 100},
      {SQLITE_LIMIT_VDBE_OP, 250'000},
      {SQLITE_LIMIT_FUNCTION_ARG, 100},
      {SQLITE_LIMIT_ATTACHED, 0},
      {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 200},
      {SQLITE_LIMIT_VARIABLE_NUMBER, 1000},
      {SQLITE_LIMIT_TRIGGER_DEPTH, 32},
      {SQLITE_LIMIT_WORKER_THREADS, 0},
  }};
  for (const auto& [limit, value] : limits) sqlite3_limit(database_, limit, value);
  sqlite3_limit(database_, SQLITE_LIMIT_LENGTH,
                static_cast<int>(std::min<std::size_t>(options_.max_value_bytes, 1'000'000'000)));

  // Sorting in memory, under the heap limit, instead of filling the disk with temporary files.
  int code = run(database_, "PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = ON");
  if (code == SQLITE_OK && options_.mode == Mode::read_only) {
    code = run(database_, "PRAGMA query_only = ON");
  }
  if (code == SQLITE_OK) code = install_bounded_functions(*this);
  if (code != SQLITE_OK) fail(code);
  sqlite3_progress_handler(database_, steps_between_checks, &Connection::on_progress, this);
  sqlite3_busy_handler(database_, &Connection::on_busy, this);
  sqlite3_set_authorizer(database_, authorize, &access_);
}

void Connection::prepare_reads_of(const std::vector<std::string>& tables) {
  access_.preparing = true;
  for (const auto& table : tables) {
    // One that can't connect (its module is missing) is reported when somebody reads it.
    sqlite3_stmt* statement = nullptr;
    const std::string sql = "SELECT 1 FROM " + quote_identifier(table);
    sqlite3_prepare_v2(database_, sql.c_str(), -1, &statement, nullptr);
    sqlite3_finalize(statement);
  }
  access_.preparing = false;
}

void Connection::connect_virtual_tables() {
  Statement version(*this, "PRAGMA schema_version");
  version.step();
  if (known_schema_ == version.integer(0)) return;
  std::vector<std::string> tables;
  Statement list(*this, "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage = 0");
  while (list.step()) tables.push_back(list.text(0));
  prepare_reads_of(tables);
  known_schema_ = version.integer(0);
}

bool Connection::outdated() const {
  return immutable_ && wal_has_content(file_);
}

bool Connection::must_end() noexcept {
  if (stop_.stop_requested()) {
    ended_ = Reason::cancelled;
  } else if (deadline_ != std::chrono::steady_clock::time_point::max() &&
             options_.now() >= deadline_) {
    ended_ = Reason::timeout;
  } else {
    return false;
  }
  return true;
}

int Connection::on_progress(void* connection) noexcept {
  return static_cast<Connection*>(connection)->must_end() ? 1 : 0;
}

int Connection::on_busy(void* connection, int count) noexcept {
  auto& self = *static_cast<Connection*>(connection);
  const auto now = self.options_.now();
  if (count == 0) self.busy_since_ = now;
  if (self.must_end() || now - self.busy_since_ >= self.options_.busy_timeout) return 0;
  std::this_thread::sleep_for(std::chrono::milliseconds(std::min(1 << std::min(count, 5), 25)));
  return 1;
}

void Connection::fail(int code, std::string_view sql) {
  // An interrupt that came straight from the stop token never met must_end().
  if ((code & 0xFF) == SQLITE_INTERRUPT && !ended_) must_end();
  const auto ended = std::exchange(ended_, {});
  throw_failure(*this, code, ended, sql);
}

void Connection::Watch::Interrupt::operator()() const noexcept {
  sqlite3_interrupt(database);
}

Connection::Watch::Watch(Connection& connection, std::chrono::steady_clock::time_point deadline,
                         std::stop_token stop)
    : connection_(connection),
      meter_([&connection] { return connection.must_end(); }),
      callback_(stop, Interrupt{connection.database_}) {
  connection_.deadline_ = deadline;
  connection_.stop_ = std::move(stop);
  connection_.ended_.reset();
  connection_.meter_ = &meter_;
  connection_.access_.refused.clear();
  connection_.access_.refused_write = false;
  connection_.access_.changes_schema = false;
}

Connection::Watch::~Watch() {
  connection_.meter_ = nullptr;
  connection_.deadline_ = std::chrono::steady_clock::time_point::max();
  connection_.stop_ = {};
}

Statement::Statement(Connection& connection, std::string_view sql, std::string_view* tail)
    : connection_(connection), sql_(tail ? sql : std::string_view()) {
  const char* rest = nullptr;
  int code = SQLITE_OK;
  {
    std::optional<AllocationMeter::Bound> bound;
    if (connection.meter_) bound.emplace(*connection.meter_, max_compile_bytes);
    code = sqlite3_prepare_v2(connection.handle(), sql.data(), static_cast<int>(sql.size()),
                              &statement_, &rest);
    if (code != SQLITE_OK && bound && bound->exceeded()) connection.ended_ = Reason::too_large;
  }
  if (code != SQLITE_OK) connection.fail(code, sql_);
  if (tail) *tail = sql.substr(static_cast<std::size_t>(rest - sql.data()));
}

Statement::~Statement() {
  sqlite3_finalize(statement_);
}

Statement& Statement::bind(int position, std::string_view text) {
  const int code = sqlite3_bind_text64(statement_, position, text.data(), text.size(),
                                       SQLITE_TRANSIENT, SQLITE_UTF8);
  if (code != SQLITE_OK) connection_.fail(code, sql_);
  return *this;
}

bool Statement::step() {
  // Reading may compile too, as PRAGMAs do that are read as tables. Writing may be about to commit.
  std::optional<AllocationMeter::Bound> bound;
  if (connection_.meter_ && sqlite3_stmt_readonly(statement_))
    bound.emplace(*connection_.meter_, AllocationMeter::no_limit);
  const int code = sqlite3_step(statement_);
  bound.reset();
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) connection_.fail(code, sql_);
  return false;
}

std::string Statement::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return data
             ? std::string(data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)))
             : std::string();
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

}  // namespace fairlead::database
