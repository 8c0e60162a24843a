#pragma once

#include <doctest/doctest.h>
#include <sqlite3.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "servers/database/allocation_meter.h"
#include "servers/database/database.h"

namespace fairlead::database::testing {

/// A folder of its own, gone at the end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "fairlead-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::permissions(path_, std::filesystem::perms::owner_all, ignored);
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Another program's connection to a file.
class OtherProgram {
 public:
  explicit OtherProgram(const std::filesystem::path& file) {
    meter_allocations();  // before the first use of SQLite
    sqlite3* opened = nullptr;
    REQUIRE(sqlite3_open(file.c_str(), &opened) == SQLITE_OK);
    database_.reset(opened);
    run("PRAGMA synchronous = OFF");
  }
  void run(const std::string& sql) {
    char* message = nullptr;
    const int code = sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, &message);
    const std::string text = message ? message : "";
    sqlite3_free(message);
    CHECK_MESSAGE(code == SQLITE_OK, sql << ": " << text);
  }

 private:
  std::unique_ptr<sqlite3, int (*)(sqlite3*)> database_{nullptr, sqlite3_close};
};

/// A folder with small.db, which holds people(id, name, age) and pets(id, owner_id, name).
struct SmallDatabase {
  SmallDatabase() {
    OtherProgram(file).run(
        "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, age INTEGER DEFAULT 18);"
        "CREATE TABLE pets (id INTEGER PRIMARY KEY, owner_id INTEGER REFERENCES people (id), "
        "name TEXT);"
        "CREATE INDEX pets_by_owner ON pets (owner_id);"
        "INSERT INTO people VALUES (1, 'Ada', 36), (2, 'Bo', 41), (3, 'Cy', NULL);"
        "INSERT INTO pets VALUES (1, 1, 'Rex'), (2, 1, 'Mia');");
  }
  TemporaryFolder folder;
  std::filesystem::path file = folder / "small.db";
};

inline std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The whole text of the failure; fails the test when there is none.
template <typename Call>
std::string failure_of(const Call& call, Reason reason) {
  try {
    call();
  } catch (const Failure& failure) {
    CHECK_MESSAGE(static_cast<int>(failure.reason()) == static_cast<int>(reason), failure.what());
    return failure.what();
  }
  FAIL_CHECK("nothing was refused");
  return {};
}

inline std::string refusal(Database& database, const std::string& sql,
                           Reason reason = Reason::not_allowed) {
  INFO(sql);
  return failure_of([&] { database.query({.sql = sql}); }, reason);
}

inline bool has(const std::string& text, const std::string& part) {
  const bool found = text.find(part) != std::string::npos;
  CHECK_MESSAGE(found, "\"" << part << "\" is missing in: " << text);
  return found;
}

/// Endless work without any result.
inline const std::string endless =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

}  // namespace fairlead::database::testing
