#include "servers/database/sample_shop.h"
#include "tests/database/fixture.h"

// What the schema tells, and the sample shop.

using namespace fairlead::database;
using namespace fairlead::database::testing;

TEST_CASE("tables and views are listed with columns and rows") {
  SmallDatabase small;
  OtherProgram(small.file)
      .run(
          "CREATE VIEW adults AS SELECT name FROM people; CREATE VIEW broken AS SELECT * FROM gone;"
          "CREATE VIRTUAL TABLE words USING fts5(body);"
          "CREATE TABLE big (x INTEGER); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
          "FROM n "
          "LIMIT 12000) INSERT INTO big SELECT i FROM n");
  Database database(small.file, {});
  const auto list = database.list_tables();
  REQUIRE(list.tables.size() == 6);
  CHECK(list.total == 6);
  CHECK_FALSE(list.truncated);
  CHECK(list.tables[0].table == "adults");
  CHECK(list.tables[0].type == "view");
  CHECK(list.tables[0].approximate_rows == std::nullopt);
  CHECK(list.tables[1].table == "big");
  CHECK(list.tables[1].approximate_rows == 12000);
  CHECK(list.tables[2].table == "broken");
  has(list.tables[2].problem.value_or(""), "no such table");
  const auto& people = list.tables[3];
  CHECK(people.table == "people");
  CHECK(people.type == "table");
  CHECK(people.approximate_rows == 3);
  REQUIRE(people.columns.size() == 3);
  CHECK(people.columns[0].primary_key);
  CHECK(people.columns[1].name == "name");
  CHECK(people.columns[1].type == "TEXT");
  CHECK_FALSE(people.columns[1].nullable);
  CHECK(people.columns[2].nullable);
  CHECK(people.columns[2].default_value == "18");
  CHECK(list.tables[5].table == "words");
  CHECK(list.tables[5].type == "virtual");
}

TEST_CASE("a table is described") {
  TemporaryFolder folder;
  OtherProgram(folder / "d.db")
      .run(
          "CREATE TABLE a (x INTEGER, y TEXT, PRIMARY KEY (y, x)) WITHOUT ROWID;"
          "CREATE TABLE \"odd \"\"name\"\" [x]\" (id INTEGER PRIMARY KEY, ay TEXT, ax INTEGER, "
          "total AS (ax * 2), FOREIGN KEY (ay, ax) REFERENCES a (y, x) ON DELETE CASCADE);"
          "CREATE UNIQUE INDEX by_total ON \"odd \"\"name\"\" [x]\" (ax, lower(ay)) WHERE ax > 0;"
          "INSERT INTO a VALUES (1, 'k'); INSERT INTO \"odd \"\"name\"\" [x]\" VALUES (1, 'k', 1)");
  Database database(folder / "d.db", {});
  const auto a = database.describe_table("A");
  CHECK(a.table == "a");
  CHECK(a.primary_key == std::vector<std::string>{"y", "x"});
  CHECK(a.sql.starts_with("CREATE TABLE a"));
  const auto odd = database.describe_table("odd \"name\" [x]");
  REQUIRE(odd.foreign_keys.size() == 1);
  CHECK(odd.foreign_keys[0].table == "a");
  CHECK(odd.foreign_keys[0].columns == std::vector<std::string>{"ay", "ax"});
  CHECK(odd.foreign_keys[0].referenced_columns == std::vector<std::string>{"y", "x"});
  CHECK(odd.foreign_keys[0].on_delete == "CASCADE");
  REQUIRE(odd.indexes.size() == 1);
  CHECK(odd.indexes[0].columns == std::vector<std::string>{"ax", "(expression)"});
  CHECK(odd.indexes[0].unique);
  CHECK(odd.indexes[0].partial);
  CHECK(odd.columns[3].generated == "virtual");
  REQUIRE(odd.sample);
  CHECK(odd.sample->rows.dump() == R"([[1,"k",1,2]])");
}

TEST_CASE("the table's name is data, never SQL") {
  SmallDatabase small;
  Database database(small.file, {});
  for (const char* name : {"people'); DELETE FROM people; --", "people\"", "sqlite_schema", "",
                           "pragma_table_info", "main.people"}) {
    failure_of([&] { database.describe_table(name); }, Reason::bad_parameter);
  }
  has(failure_of([&] { database.describe_table("poeple"); }, Reason::bad_parameter),
      "Did you mean people?");
}

TEST_CASE("the sample of a table with values that are too large is left out") {
  TemporaryFolder folder;
  OtherProgram(folder / "b.db").run("CREATE TABLE b (x); INSERT INTO b VALUES (zeroblob(2000000))");
  Database database(folder / "b.db", {});
  const auto description = database.describe_table("b");
  CHECK_FALSE(description.sample);
  CHECK(description.approximate_rows == 1);
  has(refusal(database, "SELECT * FROM b", Reason::too_large), "length(column)");
  CHECK(database.query({.sql = "SELECT length(x) FROM b"}).rows.dump() == "[[2000000]]");
}

TEST_CASE("a database of many tables is listed as far as the byte cap allows") {
  TemporaryFolder folder;
  std::string sql;
  for (int i = 0; i < 60; ++i) sql += "CREATE TABLE t" + std::to_string(i) + " (a, b, c);";
  OtherProgram(folder / "many.db").run(sql);
  Database database(folder / "many.db", {.max_bytes = 4'000});
  const auto list = database.list_tables();
  CHECK(list.total == 60);
  CHECK(list.truncated);
  CHECK(list.tables.size() == 10);
  const auto completion = database.complete_table("T1", 5);
  CHECK(completion.total == 11);
  CHECK(completion.values == std::vector<std::string>{"t1", "t10", "t11", "t12", "t13"});
}

TEST_CASE("the schema as it was written") {
  SmallDatabase small;
  OtherProgram(small.file).run("CREATE INDEX pets_by_name ON pets (name)");
  Database database(small.file, {});
  const auto schema = database.schema();
  REQUIRE(schema.size() == 4);
  CHECK(schema[0]["name"] == "people");
  CHECK(schema[1]["type"] == "table");
  CHECK(schema[2] == Json{{"type", "index"},
                          {"name", "pets_by_name"},
                          {"tbl_name", "pets"},
                          {"sql", "CREATE INDEX pets_by_name ON pets (name)"}});
}

TEST_CASE("identifiers are quoted where they need it") {
  CHECK(quote_identifier("people") == "people");
  CHECK(quote_identifier("order") == "\"order\"");
  CHECK(quote_identifier("two words") == "\"two words\"");
  CHECK(quote_identifier("a\"b") == "\"a\"\"b\"");
  CHECK(quote_identifier("1st") == "\"1st\"");
  CHECK(quote_identifier("") == "\"\"");
}

TEST_CASE("the sample shop is the same everywhere and answers the natural questions") {
  TemporaryFolder folder;
  make_sample_shop(folder / "shop.db");
  CHECK_THROWS_AS(make_sample_shop(folder / "shop.db"), std::runtime_error);
  Database database(folder / "shop.db", {});
  const auto answer = [&](const char* sql) { return database.query({.sql = sql}).rows.dump(); };
  CHECK(answer("SELECT (SELECT count(*) FROM customers), (SELECT count(*) FROM products), "
               "(SELECT count(*) FROM orders), (SELECT count(*) FROM order_items)") ==
        "[[250,48,2000,4261]]");
  CHECK(answer("PRAGMA foreign_key_check") == "[]");
  CHECK(answer("SELECT count(*) FROM orders o JOIN customers c ON c.id = o.customer_id WHERE "
               "ordered_on < joined_on") == "[[0]]");
  CHECK(answer("SELECT count(*) FROM orders o WHERE NOT EXISTS (SELECT 1 FROM order_items i WHERE "
               "i.order_id = o.id)") == "[[0]]");
  CHECK(
      answer("SELECT c.name, round(sum(t.total_euros), 2) AS spent FROM order_totals t JOIN "
             "customers c ON c.id = t.customer_id WHERE t.status NOT IN ('cancelled', 'returned') "
             "AND t.ordered_on LIKE '2025%' GROUP BY c.id ORDER BY spent DESC LIMIT 5") ==
      R"([["Amir Ricci",11859.0],["Rosa Ricci",9833.4],["Tom Wong",8426.4],["Ivan Romero",8299.7],["Omar Haddad",7599.1]])");
  CHECK(
      answer("SELECT p.category, sum(i.quantity) AS sold FROM order_items i JOIN products p ON "
             "p.id = i.product_id GROUP BY 1 ORDER BY sold DESC") ==
      R"([["Kitchen",2342],["Electronics",1892],["Books",1634],["Garden",1240],["Sports",594],["Toys",263]])");
  CHECK(answer("SELECT substr(ordered_on, 1, 7) AS month, round(sum(total_euros), 2) FROM "
               "order_totals GROUP BY month ORDER BY 2 DESC LIMIT 3") ==
        R"([["2025-12",103518.7],["2025-11",96202.9],["2025-10",72772.2]])");
}
