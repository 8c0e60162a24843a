#include <algorithm>
#include <vector>

#include "tests/database/fixture.h"

// What foreign SQL must never do. Each known break of a read-only database server is here.

using namespace fairlead::database;
using namespace fairlead::database::testing;

namespace {

// Every file of the folder with its content.
std::vector<std::pair<std::string, std::string>> contents(const TemporaryFolder& folder) {
  std::vector<std::pair<std::string, std::string>> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    files.emplace_back(entry.path().filename().string(), bytes_of(entry.path()));
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

TEST_CASE("a read-only database refuses every write, however it is dressed") {
  SmallDatabase small;
  const auto before = contents(small.folder);
  Database database(small.file, {});
  for (const char* sql : {
           "INSERT INTO people VALUES (9, 'Eve', 1)",
           "REPLACE INTO people VALUES (1, 'Eve', 1)",
           "UPDATE people SET name = 'Eve'",
           "DELETE FROM people",
           "/* SELECT */ DELETE FROM people",
           "-- SELECT\nDELETE FROM people",
           "WITH x AS (SELECT 1) DELETE FROM people",
           "WITH x(i) AS (SELECT 9) INSERT INTO people SELECT i, 'Eve', 1 FROM x",
           "INSERT INTO people VALUES (9, 'Eve', 1) RETURNING id",
           "DELETE FROM people WHERE id IN (SELECT 1) RETURNING *",
           "CREATE TABLE t (x)",
           "CREATE TABLE t AS SELECT * FROM people",
           "CREATE INDEX i ON people (name)",
           "CREATE VIEW v AS SELECT 1",
           "CREATE TRIGGER t AFTER INSERT ON people BEGIN SELECT 1; END",
           "CREATE VIRTUAL TABLE f USING fts5(x)",
           "INSERT INTO sqlite_schema (name) VALUES ('x')",
           "DROP TABLE people",
           "ALTER TABLE people RENAME TO persons",
           "ALTER TABLE people ADD COLUMN x",
           "ALTER TABLE people DROP COLUMN age",
           "REINDEX",
           "ANALYZE",
       }) {
    has(refusal(database, sql), "starting it with --write");
  }
  for (const char* sql : {"UPDATE sqlite_schema SET sql = ''", "DELETE FROM sqlite_schema"}) {
    has(refusal(database, sql, Reason::invalid_sql), "may not be modified");
  }
  CHECK(database.query({.sql = "SELECT count(*) FROM people"}).rows.dump() == "[[3]]");
  CHECK(contents(small.folder) == before);
}

TEST_CASE("a second statement is refused and the first one does not run") {
  SmallDatabase small;
  for (const Mode mode : {Mode::read_only, Mode::write}) {
    Database database(small.file, {.mode = mode});
    for (const char* sql : {
             "SELECT 1; DROP TABLE people",
             "SELECT 1; SELECT 2",
             "SELECT 1;;DELETE FROM people",
             "SELECT 1 /* ; */ ; /* x */ DELETE FROM people",
             "SELECT 1; -- end\n DELETE FROM people",
             "COMMIT; DROP TABLE people",
             "END; DELETE FROM people",
             "ROLLBACK; DELETE FROM people",
         }) {
      refusal(database, sql);
    }
    CHECK(database.query({.sql = "SELECT count(*) FROM people"}).rows.dump() == "[[3]]");
  }
  Database writer(small.file, {.mode = Mode::write});
  refusal(writer, "DELETE FROM people; SELECT 1");
  CHECK(writer.query({.sql = "SELECT count(*) FROM people"}).rows.dump() == "[[3]]");
}

TEST_CASE("one statement may end in semicolons, white space and comments") {
  SmallDatabase small;
  Database database(small.file, {});
  for (const char* sql : {"SELECT 1;", "SELECT 1; ;\n", "SELECT 1; -- done", "SELECT 1 /* ; x */;",
                          "/* first */ SELECT 1; /* open", "-- x\nSELECT 1"}) {
    CHECK(database.query({.sql = sql}).rows.dump() == "[[1]]");
  }
  has(refusal(database, "", Reason::invalid_sql), "no statement");
  has(refusal(database, " ; -- nothing", Reason::invalid_sql), "no statement");
  has(refusal(database, std::string("SELECT 1\0; DROP TABLE people", 28), Reason::invalid_sql),
      "NUL");
}

TEST_CASE("no statement reaches another file or leaves the transaction, in either mode") {
  SmallDatabase small;
  OtherProgram(small.folder / "other.db")
      .run("CREATE TABLE secret (x); INSERT INTO secret VALUES (1)");
  const auto other = (small.folder / "other.db").string();
  const auto fresh = (small.folder / "fresh.db").string();
  for (const Mode mode : {Mode::read_only, Mode::write}) {
    Database database(small.file, {.mode = mode});
    for (const std::string& sql : std::vector<std::string>{
             "ATTACH '" + other + "' AS other",
             "ATTACH DATABASE '" + fresh + "' AS fresh",
             "ATTACH ':memory:' AS m",
             "ATTACH '' AS t",
             "ATTACH 'file:" + other + "?mode=rw' AS other",
             "ATTACH (SELECT '" + other + "') AS other",
             "DETACH main",
             "VACUUM",
             "VACUUM INTO '" + fresh + "'",
             "BEGIN",
             "BEGIN IMMEDIATE",
             "BEGIN EXCLUSIVE",
             "COMMIT",
             "END",
             "ROLLBACK",
             "SAVEPOINT s",
             "RELEASE s",
             "ROLLBACK TO s",
             "CREATE TEMP TABLE t (x)",
             "CREATE TEMPORARY VIEW v AS SELECT 1",
             "CREATE TABLE temp.t (x)",
             "CREATE TEMP TRIGGER tr AFTER INSERT ON main.people BEGIN DELETE FROM people; END",
             "CREATE VIRTUAL TABLE temp.f USING fts5(x)",
             "CREATE VIRTUAL TABLE c USING csv(filename='/etc/passwd')",
             "CREATE VIRTUAL TABLE d USING dbstat",
         }) {
      refusal(database, sql);
    }
    CHECK_FALSE(std::filesystem::exists(fresh));
    refusal(database, "SELECT * FROM other.secret", Reason::invalid_sql);
    CHECK(database.query({.sql = "SELECT count(*) FROM people"}).rows.dump() == "[[3]]");
  }
}

TEST_CASE("no PRAGMA changes anything or tells where the file is, in either mode") {
  SmallDatabase small;
  for (const Mode mode : {Mode::read_only, Mode::write}) {
    Database database(small.file, {.mode = mode});
    for (const char* sql : {
             "PRAGMA query_only = 0",
             "PRAGMA query_only(0)",
             "PRAGMA main.query_only = OFF",
             "PRAGMA writable_schema = 1",
             "PRAGMA writable_schema = RESET",
             "PRAGMA trusted_schema = 1",
             "PRAGMA temp_store = FILE",
             "PRAGMA temp_store_directory = '/tmp'",
             "PRAGMA journal_mode = DELETE",
             "PRAGMA journal_mode(WAL)",
             "PRAGMA locking_mode = EXCLUSIVE",
             "PRAGMA wal_checkpoint(TRUNCATE)",
             "PRAGMA user_version = 7",
             "PRAGMA application_id = 7",
             "PRAGMA schema_version = 7",
             "PRAGMA hard_heap_limit = 0",
             "PRAGMA soft_heap_limit = 0",
             "PRAGMA cache_size = 1000000",
             "PRAGMA mmap_size = 1000000000",
             "PRAGMA busy_timeout = 100000000",
             "PRAGMA foreign_keys = 0",
             "PRAGMA ignore_check_constraints = 1",
             "PRAGMA cell_size_check = 0",
             "PRAGMA secure_delete = 0",
             "PRAGMA synchronous = OFF",
             "PRAGMA encoding = 'UTF-16'",
             "PRAGMA optimize",
             "PRAGMA incremental_vacuum",
             "PRAGMA shrink_memory",
             "PRAGMA threads = 8",
             "PRAGMA database_list",
             "SELECT * FROM pragma_database_list",
             "SELECT file FROM pragma_database_list()",
             "SELECT * FROM pragma_query_only",
         }) {
      const std::string text = refusal(database, sql);
      CHECK(text.find(small.folder.path().string()) == std::string::npos);
    }
    CHECK(database.query({.sql = "PRAGMA user_version"}).rows.dump() == "[[0]]");
  }
}

TEST_CASE("functions that reach outside or run without bound are refused, in either mode") {
  SmallDatabase small;
  for (const Mode mode : {Mode::read_only, Mode::write}) {
    Database database(small.file, {.mode = mode});
    for (const char* sql : {
             "SELECT load_extension('libm.so.6')",
             "SELECT Load_Extension('libm.so.6', 'x')",
             "SELECT fts3_tokenizer('simple')",
             "SELECT fts3_tokenizer('simple', x'0000000000000000')",
             "SELECT fts5(NULL)",
             "SELECT sqlite_log(1, 'x')",
             "SELECT rtreecheck('people')",
             "SELECT json_patch('{}', '{}')",
             "SELECT name FROM people WHERE load_extension(name)",
         }) {
      has(refusal(database, sql), "not authorized to use function");
    }
    for (const char* sql : {"SELECT readfile('/etc/passwd')", "SELECT writefile('/tmp/x', 'y')",
                            "SELECT edit('x')", "SELECT pg_read_file('/etc/passwd')",
                            "SELECT lo_export(1, '/tmp/x')", "SELECT load_file('/etc/passwd')"}) {
      refusal(database, sql, Reason::invalid_sql);
    }
  }
}

TEST_CASE("what a reader needs is allowed") {
  SmallDatabase small;
  OtherProgram(small.file)
      .run(
          "CREATE VIEW adults AS SELECT name FROM people WHERE age >= 18;"
          "CREATE VIRTUAL TABLE words USING fts5(body); INSERT INTO words VALUES ('quick brown "
          "fox');"
          "CREATE VIRTUAL TABLE old_words USING fts4(body); INSERT INTO old_words VALUES ('lazy "
          "dog');"
          "CREATE VIRTUAL TABLE places USING rtree(id, x0, x1); INSERT INTO places VALUES (1, 2, "
          "3);");
  Database database(small.file, {});
  const auto answer = [&](const char* sql) { return database.query({.sql = sql}).rows.dump(); };
  CHECK(answer("SELECT name FROM people ORDER BY id LIMIT 1") == R"([["Ada"]])");
  CHECK(answer("VALUES (1, 2)") == "[[1,2]]");
  CHECK(answer("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) "
               "SELECT i FROM n") == "[[1],[2],[3]]");
  CHECK(answer("SELECT count(*) FROM adults") == "[[2]]");
  CHECK(answer("SELECT name FROM pragma_table_info('pets')") ==
        R"([["id"],["owner_id"],["name"]])");
  CHECK(answer("PRAGMA table_info(pets)").find("owner_id") != std::string::npos);
  CHECK(answer("PRAGMA integrity_check") == R"([["ok"]])");
  CHECK(answer("PRAGMA page_size") == "[[4096]]");
  CHECK(answer("SELECT page_size FROM pragma_page_size") == "[[4096]]");
  CHECK(answer("SELECT name FROM sqlite_schema WHERE name = 'pets'") == R"([["pets"]])");
  CHECK(answer("SELECT body FROM words WHERE words MATCH 'brown'") == R"([["quick brown fox"]])");
  CHECK(answer("SELECT body FROM old_words WHERE body MATCH 'dog'") == R"([["lazy dog"]])");
  CHECK(answer("SELECT id FROM places WHERE x0 < 5") == "[[1]]");
  CHECK(answer("SELECT value FROM json_each('[1,2]')") == "[[1],[2]]");
  CHECK(answer("SELECT row_number() OVER (ORDER BY id) FROM pets") == "[[1],[2]]");
  CHECK(answer("EXPLAIN QUERY PLAN SELECT * FROM people WHERE id = 1").find("SEARCH people") !=
        std::string::npos);
  CHECK(answer("EXPLAIN SELECT 1").find("ResultRow") != std::string::npos);
}

TEST_CASE("EXPLAIN never runs what it explains") {
  SmallDatabase small;
  Database reader(small.file, {});
  refusal(reader, "EXPLAIN DELETE FROM people");
  refusal(reader, "EXPLAIN QUERY PLAN DELETE FROM people");
  refusal(reader, "EXPLAIN ATTACH 'x' AS y");
  refusal(reader, "EXPLAIN ANALYZE", Reason::not_allowed);
  Database writer(small.file, {.mode = Mode::write});
  CHECK_FALSE(writer.query({.sql = "EXPLAIN DELETE FROM people"}).changes);
  CHECK_FALSE(writer.query({.sql = "EXPLAIN QUERY PLAN DELETE FROM people"}).changes);
  CHECK(writer.query({.sql = "SELECT count(*) FROM people"}).rows.dump() == "[[3]]");
}

TEST_CASE("a virtual table that appears later can be read, and its own tables not be written") {
  SmallDatabase small;
  Database database(small.file, {});
  CHECK(database.query({.sql = "SELECT 1"}).rows.dump() == "[[1]]");
  OtherProgram(small.file)
      .run(
          "CREATE VIRTUAL TABLE places USING rtree(id, x0, x1); INSERT INTO places VALUES (1, 2, "
          "3)");
  CHECK(database.query({.sql = "SELECT id FROM places"}).rows.dump() == "[[1]]");
  refusal(database, "INSERT INTO places VALUES (2, 2, 3)");
  refusal(database, "DELETE FROM places_node", Reason::invalid_sql);
  Database writer(small.file, {.mode = Mode::write});
  CHECK(writer.query({.sql = "INSERT INTO places VALUES (2, 2, 3)"}).changes == 1);
  has(refusal(writer, "DELETE FROM places_node", Reason::invalid_sql), "may not be modified");
}

TEST_CASE("write mode changes this database and nothing else") {
  SmallDatabase small;
  Database database(small.file, {.mode = Mode::write});
  const auto changes = [&](const char* sql) { return database.query({.sql = sql}).changes; };
  CHECK(changes("SELECT 1") == std::nullopt);
  CHECK(changes("CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT)") == std::nullopt);
  CHECK(changes("INSERT INTO notes (body) VALUES ('a'), ('b')") == 2);
  CHECK(changes("UPDATE notes SET body = body || '!'") == 2);
  CHECK(changes("CREATE INDEX notes_by_body ON notes (body)") == std::nullopt);
  CHECK(changes("ALTER TABLE notes RENAME COLUMN body TO content") == std::nullopt);
  CHECK(changes("ALTER TABLE notes ADD COLUMN more TEXT") == std::nullopt);
  CHECK(changes("ALTER TABLE notes DROP COLUMN more") == std::nullopt);
  CHECK(changes("CREATE VIEW v AS SELECT content FROM notes") == std::nullopt);
  CHECK(changes("CREATE TRIGGER t AFTER DELETE ON notes BEGIN INSERT INTO pets(name) VALUES "
                "(old.content); END") == std::nullopt);
  CHECK(changes("CREATE VIRTUAL TABLE words USING fts5(body)") == std::nullopt);
  CHECK(changes("INSERT INTO words VALUES ('quick fox')") == 1);
  CHECK(changes("ANALYZE") == std::nullopt);
  CHECK(changes("REINDEX") == std::nullopt);
  CHECK(changes("DELETE FROM notes WHERE id = 1") == 1);
  CHECK(database.query({.sql = "SELECT name FROM pets ORDER BY id DESC LIMIT 1"}).rows.dump() ==
        R"([["a!"]])");
  const auto returned = database.query(
      {.sql = "INSERT INTO notes (content) VALUES ('x'), ('y'), ('z') RETURNING content",
       .max_rows = 1});
  CHECK(returned.rows.dump() == R"([["x"]])");
  CHECK(returned.truncated);
  CHECK(returned.changes == 3);
  CHECK(database.query({.sql = "SELECT count(*) FROM notes"}).rows.dump() == "[[4]]");
  CHECK(changes("DROP VIEW v") == std::nullopt);
  CHECK(changes("DROP TABLE words") == std::nullopt);
  CHECK(changes("DROP TABLE notes") == std::nullopt);
  has(refusal(database, "UPDATE sqlite_schema SET sql = ''", Reason::invalid_sql),
      "may not be modified");
  has(refusal(database, "INSERT INTO pets (owner_id) VALUES (77)", Reason::invalid_sql),
      "FOREIGN KEY");
}
