#include <limits>

#include <mcp/base/number_text.h>

#include "tests/database/fixture.h"

// Parameters in, values out: typed, and nothing is lost without saying so.

using namespace fairlead::database;
using namespace fairlead::database::testing;

namespace {

struct Fixture {
  SmallDatabase small;
  Database database{small.file, {}};

  std::string answer(const std::string& sql, Json params = nullptr) {
    return database.query({.sql = sql, .params = std::move(params)}).rows.dump();
  }
  std::string refused(const std::string& sql, Json params) {
    return failure_of([&] { database.query({.sql = sql, .params = std::move(params)}); },
                      Reason::bad_parameter);
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "parameters keep their types") {
  CHECK(answer("SELECT typeof(?), typeof(?), typeof(?), typeof(?), typeof(?), typeof(?)",
               {nullptr, true, 7, 1.5, "7", {{"base64", "AAE="}}}) ==
        R"([["null","integer","integer","real","text","blob"]])");
  CHECK(answer("SELECT ?, ?, ?", {true, false, nullptr}) == "[[1,0,null]]");
  CHECK(answer("SELECT hex(?), typeof(?), length(?)",
               {{{"base64", "AAH/"}}, {{"base64", ""}}, {{"base64", ""}}}) ==
        R"([["0001FF","blob",0]])");
  CHECK(answer("SELECT ?", {std::numeric_limits<std::int64_t>::min()}) ==
        R"([["-9223372036854775808"]])");
  CHECK(answer("SELECT name FROM people WHERE name = ?", {"Ada' OR '1'='1"}) == "[]");
  CHECK(answer("SELECT name FROM people WHERE id IN (SELECT value FROM json_each(?))", {"[1,2]"}) ==
        R"([["Ada"],["Bo"]])");
}

TEST_CASE_FIXTURE(Fixture, "parameters by name, with and without their sign") {
  CHECK(answer("SELECT :a + @b + $c", {{"a", 1}, {"@b", 2}, {"c", 3}}) == "[[6]]");
  CHECK(answer("SELECT :a, :a", {{"a", 1}}) == "[[1,1]]");
  CHECK(answer("SELECT ?2, ?1", {1, 2}) == "[[2,1]]");
}

TEST_CASE_FIXTURE(Fixture, "parameters that do not fit are refused with what would be right") {
  has(refused("SELECT ?, ?", {1}), "the statement has 2 parameters, 1 was given");
  has(refused("SELECT ?", {1, 2}), "the statement has 1 parameter, 2 were given");
  has(refused("SELECT ?", nullptr), "the statement has 1 parameter, 0 were given");
  has(refused("SELECT :a", {{"b", 1}}), "no value for :a");
  has(refused("SELECT :a", {{"a", 1}, {"b", 1}}), "no parameter :b");
  has(refused("SELECT ?", {{"a", 1}}), "give an array");
  has(refused("SELECT ?", "text"), "must be an array");
  has(refused("SELECT ?", Json::array({Json::array({1, 2})})), "/0 must be null");
  has(refused("SELECT ?", Json::array({Json::array({1, 2})})), "json_each(?)");
  has(refused("SELECT :a", {{"a", {{"x", 1}}}}), "/a must be null");
  has(refused("SELECT ?", Json::array({{{"base64", "no!"}}})), "/0/base64 is not valid Base64");
  has(refused("SELECT ?", {std::numeric_limits<std::uint64_t>::max()}), "64-bit");
  has(refused("SELECT ?", Json::array({mcp::make_number_text("123456789012345678901234")})),
      "does not fit in 64 bits");
  has(refused("SELECT ?", {std::string(1'000'001, 'x')}), "longer than a value may be");
}

TEST_CASE_FIXTURE(Fixture, "a decimal of many digits is rounded as SQLite rounds its own") {
  CHECK(answer("SELECT ? = 3.14159265358979323846",
               Json::array({mcp::make_number_text("3.14159265358979323846")})) == "[[1]]");
  has(refused("SELECT ?", Json::array({mcp::make_number_text("1e400")})), "send it as a string");
}

TEST_CASE_FIXTURE(Fixture, "numbers come out exactly") {
  CHECK(answer("SELECT 9007199254740992, 9007199254740993, -9007199254740993") ==
        R"([[9007199254740992,"9007199254740993","-9007199254740993"]])");
  CHECK(answer("SELECT 9223372036854775807") == R"([["9223372036854775807"]])");
  CHECK(answer("SELECT 1.5, 2.0, 0.1") == "[[1.5,2.0,0.1]]");
  CHECK(answer("SELECT 9e999, -9e999, 9e999 - 9e999") == R"([["Infinity","-Infinity",null]])");
}

TEST_CASE_FIXTURE(Fixture, "blobs come out as base64 with their size") {
  CHECK(answer("SELECT x'0001FF'") == R"([[{"base64":"AAH/","bytes":3}]])");
  CHECK(answer("SELECT x''") == R"([[{"base64":"","bytes":0}]])");
  const auto big = database.query({.sql = "SELECT zeroblob(100000) AS z"});
  CHECK(big.rows[0][0]["bytes"] == 100000);
  CHECK(big.rows[0][0]["truncated"] == true);
  CHECK(big.rows[0][0]["base64"].get<std::string>().size() == 1360);
}

TEST_CASE_FIXTURE(Fixture, "text that is not UTF-8 is made safe and said so") {
  const auto result = database.query({.sql = "SELECT cast(x'61ff62' AS TEXT) AS t"});
  CHECK(result.rows.dump() == "[[\"a\uFFFDb\"]]");
  REQUIRE(result.notes.size() == 1);
  has(result.notes[0], "Row 1, t: is not valid UTF-8");
  CHECK(answer("SELECT 'a' || char(0) || 'b', 'Zoë'") == "[[\"a\\u0000b\",\"Zoë\"]]");
}

TEST_CASE_FIXTURE(Fixture,
                  "long text is cut between characters and the note tells how to read on") {
  const auto result = database.query(
      {.sql = "SELECT substr(replace(hex(zeroblob(5000)), '0', 'a'), 1, 9999) || 'ëëb' AS t"});
  const auto text = result.rows[0][0].get<std::string>();
  CHECK(text == std::string(9999, 'a'));
  has(result.notes.at(0), "cut to 9999 of 10004 bytes; substr(column, 10000, 5000)");
  const auto many = database.query(
      {.sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 20) "
              "SELECT cast(x'ff' AS TEXT) FROM n"});
  CHECK(many.notes.size() == 9);
  has(many.notes.back(), "12 more values");
}

TEST_CASE_FIXTURE(Fixture, "columns have unique names and the declared type") {
  const auto result = database.query(
      {.sql = "SELECT p.id, q.id, p.name, count(*), q.id AS id_2 FROM people p JOIN pets q ON "
              "q.owner_id = p.id"});
  REQUIRE(result.columns.size() == 5);
  CHECK(result.columns[0].name == "id");
  CHECK(result.columns[1].name == "id_3");
  CHECK(result.columns[4].name == "id_2");
  CHECK(result.columns[0].type == "INTEGER");
  CHECK(result.columns[2].type == "TEXT");
  CHECK(result.columns[3].name == "count(*)");
  CHECK(result.columns[3].type == std::nullopt);
  CHECK(database.query({.sql = "SELECT 1 WHERE 0"}).row_count == 0);
}

TEST_CASE_FIXTURE(Fixture, "an error shows the place and what would be right") {
  CHECK(refusal(database, "SELECT nmae FROM people", Reason::invalid_sql) ==
        "no such column: nmae\n"
        "  SELECT nmae FROM people\n"
        "         ^\n"
        "Hint: people has the columns id, name, age. Did you mean name?");
  CHECK(refusal(database, "SELECT id,\n       p.nam FROM people p", Reason::invalid_sql) ==
        "no such column: p.nam\n"
        "         p.nam FROM people p\n"
        "         ^\n"
        "Hint: people has the columns id, name, age. Did you mean name?");
  has(refusal(database, "SELECT * FROM peple", Reason::invalid_sql),
      "Hint: The tables and views are: people, pets. Did you mean people?");
  has(refusal(database, "SELECT uper(name) FROM people", Reason::invalid_sql),
      "Did you mean upper?");
  has(refusal(database, "SELECT * FORM people", Reason::invalid_sql),
      "near \"FORM\": syntax error");
  has(refusal(database, "SELECT id FROM people, pets", Reason::invalid_sql),
      "ambiguous column name: id");
  has(refusal(database, "SELECT (1", Reason::invalid_sql), "incomplete input");
  has(refusal(database, "SELECT * FROM people WHERE name = \"Ada\"", Reason::invalid_sql),
      "a text stands in single quotes");
  // A place far into a long line is shown with what is around it.
  const auto text = refusal(database,
                            "SELECT 'Zoë', " + std::string(200, '1') + ", nmae, " +
                                std::string(200, '2') + " FROM people",
                            Reason::invalid_sql);
  const auto line = text.substr(text.find('\n') + 1, text.find("^") - text.find('\n'));
  CHECK(line.size() < 300);
  has(line, "...1111");
}
