#include "servers/websearch/store_file.h"

#include <sqlite3.h>

#include <filesystem>

#include "servers/websearch/failure.h"
#include "servers/websearch/index_tokenizer.h"
#include "servers/websearch/owner_file.h"
#include "servers/websearch/packed_text.h"

namespace fairlead::websearch {
namespace {

constexpr std::size_t max_idle = 8;

constexpr const char* schema = R"(
CREATE TABLE IF NOT EXISTS sources (
  id INTEGER PRIMARY KEY, uri TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, title TEXT NOT NULL,
  added INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS documents (
  id INTEGER PRIMARY KEY, source INTEGER NOT NULL REFERENCES sources (id),
  key TEXT NOT NULL UNIQUE, url TEXT NOT NULL, host TEXT NOT NULL, language TEXT NOT NULL,
  published INTEGER NOT NULL, read INTEGER NOT NULL, digest TEXT NOT NULL,
  title TEXT NOT NULL, headings TEXT NOT NULL, body BLOB NOT NULL, address TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS documents_by_source ON documents (source);
CREATE INDEX IF NOT EXISTS documents_by_host ON documents (host);
CREATE VIEW IF NOT EXISTS texts AS
  SELECT id, title, headings, unpacked(body) AS body, address FROM documents;
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5 (
  title, headings, body, address, content = 'texts', content_rowid = 'id',
  tokenize = 'fairlead');
CREATE TABLE IF NOT EXISTS responses (
  url TEXT PRIMARY KEY, final_url TEXT NOT NULL, host TEXT NOT NULL, status INTEGER NOT NULL,
  headers TEXT NOT NULL, truncated INTEGER NOT NULL, fetched INTEGER NOT NULL, body BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS responses_by_age ON responses (fetched);
CREATE TABLE IF NOT EXISTS crawls (
  name TEXT PRIMARY KEY, made INTEGER NOT NULL, state TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS service_calls (
  service TEXT PRIMARY KEY, day_begin INTEGER NOT NULL, calls INTEGER NOT NULL) WITHOUT ROWID;
PRAGMA user_version = 3;
)";

[[noreturn]] void fail(sqlite3* database) {
  const int code = sqlite3_errcode(database);
  std::string text = "The index can't be used: " + std::string(sqlite3_errmsg(database)) + ".";
  if (code == SQLITE_BUSY) text = "The index is busy: another program is writing. Try again.";
  if (code == SQLITE_FULL) text = "The disk with the index is full.";
  throw Failure(text);
}

void run(sqlite3* database, const char* sql) {
  if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail(database);
}

std::int64_t version_of(sqlite3* database) {
  Statement version(database, "PRAGMA user_version");
  version.step();
  return version.number(0);
}

}  // namespace

Statement::Statement(sqlite3* database, std::string_view sql) : database_(database) {
  if (sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &statement_,
                         nullptr) != SQLITE_OK) {
    fail(database);
  }
}

Statement::~Statement() {
  sqlite3_finalize(statement_);
}

Statement& Statement::bind(int parameter, std::string_view text) {
  // A null pointer would be NULL.
  sqlite3_bind_text64(statement_, parameter, text.empty() ? "" : text.data(), text.size(),
                      SQLITE_TRANSIENT, SQLITE_UTF8);  // NOLINT: SQLite's own cast
  return *this;
}

Statement& Statement::bind_bytes(int parameter, std::string_view bytes) {
  sqlite3_bind_blob64(statement_, parameter, bytes.empty() ? "" : bytes.data(), bytes.size(),
                      SQLITE_TRANSIENT);  // NOLINT: SQLite's own cast
  return *this;
}

Statement& Statement::bind(int parameter, std::int64_t number) {
  sqlite3_bind_int64(statement_, parameter, number);
  return *this;
}

bool Statement::step() {
  const int result = sqlite3_step(statement_);
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  fail(database_);
}

std::string Statement::text(int column) const {
  const void* bytes = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  return bytes == nullptr
             ? std::string()
             : std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

std::int64_t Statement::number(int column) const {
  return sqlite3_column_int64(statement_, column);
}

double Statement::real(int column) const {
  return sqlite3_column_double(statement_, column);
}

StoreFile::StoreFile(const std::string& path) : path_(path) {
  if (path_.empty()) {
    temporary_folder_ = make_temporary_folder();
    if (temporary_folder_.empty()) throw Failure("There is no room for a temporary index.");
    path_ = temporary_folder_ + "/index.db";
  }
  // What was read is nobody else's business on this machine; SQLite's other files follow this one.
  if (!make_owner_file(path_)) throw Failure("The index " + path_ + " can't be made or written.");
  sqlite3* database = open();
  try {
    run(database, "BEGIN IMMEDIATE");
    if (version_of(database) == 0) run(database, schema);
    run(database, "COMMIT");
    if (version_of(database) != 3) {
      throw Failure("The index " + path +
                    " is from another version of this program: remove it, or choose another one.");
    }
  } catch (...) {
    sqlite3_close(database);
    throw;
  }
  idle_.push_back(database);
}

StoreFile::~StoreFile() {
  for (sqlite3* database : idle_) sqlite3_close(database);
  std::error_code ignored;
  if (!temporary_folder_.empty()) std::filesystem::remove_all(temporary_folder_, ignored);
}

sqlite3* StoreFile::open() const {
  sqlite3* database = nullptr;
  const int result = sqlite3_open_v2(
      path_.c_str(), &database,
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nullptr);
  try {
    if (result != SQLITE_OK) {
      throw Failure("The index " + path_ + " can't be opened: " + sqlite3_errmsg(database) + ".");
    }
    sqlite3_busy_timeout(database, 10'000);
    run(database,
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON;"
        "PRAGMA foreign_keys = ON; PRAGMA cache_size = -16000; PRAGMA mmap_size = 268435456");
    register_index_tokenizer(database);
    register_unpacked(database);
  } catch (...) {
    sqlite3_close(database);
    throw;
  }
  return database;
}

sqlite3* StoreFile::take() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      sqlite3* database = idle_.back();
      idle_.pop_back();
      return database;
    }
  }
  return open();
}

void StoreFile::give_back(sqlite3* database) {
  const std::lock_guard lock(mutex_);
  if (idle_.size() < max_idle) {
    idle_.push_back(database);
  } else {
    sqlite3_close(database);
  }
}

void StoreFile::Lease::run(const char* sql) const {
  websearch::run(database_, sql);
}

StoreFile::Writing::Writing(StoreFile& file) : one_writer_(file.writing_), lease_(file) {
  lease_.run("BEGIN IMMEDIATE");
}

StoreFile::Writing::~Writing() {
  if (open_) sqlite3_exec(lease_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void StoreFile::Writing::commit() {
  lease_.run("COMMIT");
  open_ = false;
}

void StoreFile::empty_log() {
  const Lease lease(*this);
  sqlite3_wal_checkpoint_v2(lease.get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
}

}  // namespace fairlead::websearch
