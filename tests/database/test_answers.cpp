#include "servers/database/answers.h"

#include <mcp/schema/schema.h>

#include "tests/database/fixture.h"

// The answers as JSON and as text.

using namespace fairlead::database;
using namespace fairlead::database::testing;

namespace {

struct Fixture {
  SmallDatabase small;
  Database database{small.file, {}};
  QueryResult ask(const std::string& sql) { return database.query({.sql = sql}); }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a few records are shown as objects") {
  CHECK(to_text(ask("SELECT name, age FROM people ORDER BY id LIMIT 2")) ==
        "Query returned 2 records.\n"
        R"(Record 1: {"name":"Ada","age":36})"
        "\n"
        R"(Record 2: {"name":"Bo","age":41})");
  CHECK(to_text(ask("SELECT count(*) AS n FROM people")) ==
        "Query returned 1 record.\nRecord 1: {\"n\":3}");
  CHECK(to_text(ask("SELECT * FROM people WHERE id = 9")) ==
        "Query returned empty results - no matching data found.");
}

TEST_CASE_FIXTURE(Fixture, "of many records the first five are shown") {
  const auto text = to_text(ask("VALUES (1), (2), (3), (4), (5), (6)"));
  has(text, "Query returned 6 records.");
  has(text, "Record 5: {\"column1\":5}");
  CHECK(text.find("Record 6") == std::string::npos);
  has(text,
      "Note: Showing first 5 of 6 records. Consider adding LIMIT or WHERE clauses for more "
      "precise results.");
  const auto capped = to_text(database.query({.sql = "SELECT id FROM people", .max_rows = 1}));
  has(capped, "Query returned 1 record.");
  has(capped, "Note: There are more rows than these 1");
}

TEST_CASE_FIXTURE(Fixture, "what a statement changed") {
  Database writer(small.file, {.mode = Mode::write});
  CHECK(to_text(writer.query({.sql = "UPDATE people SET age = 1"})) ==
        "The statement changed 3 rows.");
  CHECK(to_text(writer.query({.sql = "DELETE FROM pets WHERE id = 1 RETURNING name"})) ==
        "The statement changed 1 row. Query returned 1 record.\nRecord 1: {\"name\":\"Rex\"}");
  CHECK(to_text(writer.query({.sql = "CREATE TABLE t (x)"})) == "The statement was executed.");
}

TEST_CASE_FIXTURE(Fixture, "tables in a line each, one table in full") {
  CHECK(to_text(database.list_tables()) ==
        "2 tables:\n"
        "people (3 rows): id INTEGER KEY, name TEXT, age INTEGER\n"
        "pets (2 rows): id INTEGER KEY, owner_id INTEGER, name TEXT");
  CHECK(to_text(database.describe_table("pets")) ==
        "CREATE TABLE pets (id INTEGER PRIMARY KEY, owner_id INTEGER REFERENCES people (id), name "
        "TEXT);\n"
        "It has 2 rows.\n"
        "Index pets_by_owner on owner_id\n"
        "First rows:\n"
        R"(Record 1: {"id":1,"owner_id":1,"name":"Rex"})"
        "\n"
        R"(Record 2: {"id":2,"owner_id":1,"name":"Mia"})");
}

TEST_CASE_FIXTURE(Fixture, "every answer fits its schema") {
  OtherProgram(small.file)
      .run(
          "CREATE VIEW broken AS SELECT * FROM gone; CREATE TABLE g (a DEFAULT 1, b AS (a), c "
          "BLOB);"
          "INSERT INTO g (a, c) VALUES (9e999, x'00')");
  Database writer(small.file, {.mode = Mode::write});
  const auto fits = [](const Json& schema, const Json& value) {
    const auto errors = mcp::schema::Schema::compile(schema).validate(value);
    CHECK_MESSAGE(errors.empty(), value.dump());
  };
  fits(query_result_schema(), to_json(ask("SELECT *, 9007199254740993 FROM g, people LIMIT 1")));
  fits(query_result_schema(), to_json(writer.query({.sql = "DELETE FROM pets RETURNING *"})));
  fits(table_list_schema(), to_json(database.list_tables()));
  fits(table_description_schema(), to_json(database.describe_table("pets")));
  fits(table_description_schema(), to_json(database.describe_table("g")));
  CHECK(to_json(ask("SELECT id, count(*) AS n FROM people")).dump() ==
        R"({"columns":[{"name":"id","type":"INTEGER"},{"name":"n"}],"row_count":1,)"
        R"("rows":[[1,3]],"truncated":false})");
}
