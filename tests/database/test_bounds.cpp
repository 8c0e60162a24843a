#include <atomic>
#include <future>
#include <thread>

#include "tests/database/fixture.h"

// Time, memory and the size of answers are bounded, and no caller can lift the bounds.

using namespace fairlead::database;
using namespace fairlead::database::testing;

namespace {

std::int64_t peak_sqlite_memory() {
  sqlite3_int64 current = 0;
  sqlite3_int64 highest = 0;
  sqlite3_status64(SQLITE_STATUS_MEMORY_USED, &current, &highest, 0);
  return highest;
}

// A clock that moves on by one second whenever it is read.
std::function<std::chrono::steady_clock::time_point()> hasty_clock() {
  auto reads = std::make_shared<std::atomic<int>>(0);
  return [reads] {
    return std::chrono::steady_clock::time_point(std::chrono::seconds(reads->fetch_add(1)));
  };
}

constexpr auto patience = std::chrono::minutes(1);

// Stands still, so that no deadline is met; after a minute it is far past all of them, so that a
// test whose statement is not stopped fails instead of hanging.
std::function<std::chrono::steady_clock::time_point()> standing_clock() {
  return [end = std::chrono::steady_clock::now() + patience] {
    const bool over = std::chrono::steady_clock::now() >= end;
    return std::chrono::steady_clock::time_point(over ? std::chrono::hours(1)
                                                      : std::chrono::hours(0));
  };
}

// Each of its tables reads the one before twice, which SQLite writes out while it compiles.
std::string doubling(int tables) {
  std::string sql = "WITH a0 AS (SELECT 1 AS v)";
  for (int i = 1; i < tables; ++i) {
    const std::string before = "a" + std::to_string(i - 1);
    sql.append(", a").append(std::to_string(i)).append(" AS (SELECT x.v FROM ");
    sql.append(before).append(" x, ").append(before).append(" y)");
  }
  return sql + " SELECT count(*) FROM a" + std::to_string(tables - 1);
}

}  // namespace

TEST_CASE("a statement without end stops at the deadline") {
  SmallDatabase small;
  Database database(small.file, {.now = hasty_clock()});
  const auto text = refusal(database, endless, Reason::timeout);
  has(text, "Stopped after 30 s.");
  has(text, "EXPLAIN QUERY PLAN");
  CHECK(database.query({.sql = "SELECT 1"}).rows.dump() == "[[1]]");
}

TEST_CASE("two statements without end that run at once both stop at the deadline") {
  SmallDatabase small;
  Database database(small.file, {.timeout = std::chrono::milliseconds(300)});
  const auto run_endless = [&] { return refusal(database, endless, Reason::timeout); };
  auto first = std::async(std::launch::async, run_endless);
  auto second = std::async(std::launch::async, run_endless);
  has(first.get(), "Stopped after 0.300 s.");
  has(second.get(), "Stopped after 0.300 s.");
  CHECK(database.query({.sql = "SELECT 1"}).rows.dump() == "[[1]]");
}

TEST_CASE("a write that meets the deadline changes nothing") {
  SmallDatabase small;
  Database database(small.file, {.mode = Mode::write, .now = hasty_clock()});
  refusal(database,
          "WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n) "
          "INSERT INTO people SELECT i, 'x', 1 FROM n",
          Reason::timeout);
  CHECK(database.query({.sql = "SELECT count(*) FROM people"}).rows.dump() == "[[3]]");
}

TEST_CASE("one huge value is refused before it takes memory") {
  SmallDatabase small;
  Database database(small.file, {});
  sqlite3_status64(SQLITE_STATUS_MEMORY_USED, std::make_unique<sqlite3_int64>().get(),
                   std::make_unique<sqlite3_int64>().get(), 1);
  for (const char* sql : {
           "SELECT hex(zeroblob(100000000))",
           "SELECT zeroblob(2000000000)",
           "SELECT randomblob(1000000000)",
           "SELECT replace(hex(zeroblob(400000)), '0', 'xxxxxxxx')",
           "SELECT replace(hex(zeroblob(400000)), '00', hex(zeroblob(400000)))",
           "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000) "
           "SELECT group_concat(hex(zeroblob(10000))) FROM n",
           "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000) "
           "SELECT json_group_array(hex(zeroblob(10000))) FROM n",
           "WITH RECURSIVE n(i, s) AS (SELECT 1, 'x' UNION ALL SELECT i + 1, s || s FROM n LIMIT "
           "60) SELECT length(s) FROM n",
       }) {
    has(refusal(database, sql, Reason::too_large), "too big");
  }
  CHECK(peak_sqlite_memory() < 30'000'000);
}

TEST_CASE("work that needs more memory than allowed ends with words, and the next call works") {
  SmallDatabase small;
  const sqlite3_int64 before = sqlite3_hard_heap_limit64(-1);
  {
    Database database(small.file, {.heap_bytes = 8'000'000});
    const auto text =
        refusal(database,
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT "
                "500) SELECT hex(zeroblob(50000)) || i AS h FROM n ORDER BY h",
                Reason::too_large);
    has(text, "more than 8 MB of memory");
    CHECK(database.query({.sql = "SELECT 1"}).rows.dump() == "[[1]]");
  }
  sqlite3_hard_heap_limit64(before);
}

#if defined(__GLIBC__) && defined(__OPTIMIZE__)  // a sanitizer's allocator keeps what is freed
TEST_CASE("the memory of a large statement goes back to the system, however it ends") {
  const auto resident_bytes = [] {
    std::ifstream in("/proc/self/statm");
    std::int64_t total = 0, resident = 0;
    in >> total >> resident;
    return resident * 4096;
  };
  SmallDatabase small;
  const std::string sort =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1500000) "
      "SELECT i % 7919 || 'abcdef' AS h FROM n ORDER BY h";
  std::atomic<int> looks = 0;
  std::stop_source stop;
  int last_look = 0;
  bool cancels = false;
  const auto begin = std::chrono::steady_clock::now();
  Database database(small.file, {.now = [&] {
                      if (++looks < last_look) return begin;
                      if (cancels) stop.request_stop();
                      return cancels ? begin : begin + std::chrono::minutes(1);
                    }});
  std::optional<Reason> ended;
  SUBCASE("read to its end") {
    last_look = 1'000'000'000;
  }
  SUBCASE("timeout") {
    last_look = 100'000;
    ended = Reason::timeout;
  }
  SUBCASE("cancelled") {
    last_look = 100'000;
    cancels = true;
    ended = Reason::cancelled;
  }
  sqlite3_memory_highwater(1);
  const auto before = resident_bytes();
  if (ended) {
    failure_of([&] { database.query({.sql = sort}, stop.get_token()); }, *ended);
  } else {
    CHECK(database.query({.sql = sort}).row_count == 200);
  }
  CHECK(sqlite3_memory_highwater(0) > 15'000'000);
  CHECK(resident_bytes() - before < 8'000'000);
}
#endif

TEST_CASE("what is written out again and again is refused while it is compiled") {
  SmallDatabase small;
  Database database(small.file, {});
  sqlite3_memory_highwater(1);
  CHECK(refusal(database, doubling(24), Reason::too_large) ==
        "The statement is too large to compile.\n"
        "Hint: A view, or a table of WITH, is written out wherever it is read: read each of them "
        "once, or fewer within each other.");
  CHECK(sqlite3_memory_highwater(0) < 20'000'000);
  CHECK(database.query({.sql = doubling(10)}).rows.dump() == "[[1]]");

  std::string views = "CREATE VIEW v0 AS SELECT 1 AS v;";
  for (int i = 1; i < 24; ++i) {
    const std::string before = "v" + std::to_string(i - 1);
    views += "CREATE VIEW v" + std::to_string(i) + " AS SELECT x.v FROM " + before + " x, " +
             before + " y;";
  }
  OtherProgram(small.file).run(views);
  for (const char* sql : {"SELECT * FROM v23", "PRAGMA table_info(v23)"})
    has(refusal(database, sql, Reason::too_large), "The statement is too large to compile.");
  CHECK(database.query({.sql = "SELECT * FROM v5"}).rows.dump() == "[[1]]");
  // Here it is a reading statement that compiles.
  Database hasty(small.file, {.now = hasty_clock()});
  has(refusal(hasty, "SELECT * FROM pragma_table_info('v23')", Reason::timeout), "Stopped after");
  has(failure_of([&] { hasty.list_tables(); }, Reason::timeout), "Stopped after");
}

TEST_CASE("the deadline and a stop request are met while a statement is compiled") {
  SmallDatabase small;
  Database hasty(small.file, {.now = hasty_clock()});
  CHECK(refusal(hasty, doubling(24), Reason::timeout) ==
        "Stopped after 30 s.\n"
        "Hint: Read less: add a WHERE, aggregate, limit a recursion; EXPLAIN QUERY PLAN shows "
        "which tables are read whole. Nothing was changed.");
  std::stop_source stop;
  std::atomic<int> looks = 0;
  Database database(small.file, {.now = [&] {
                      if (++looks == 20) stop.request_stop();
                      return std::chrono::steady_clock::time_point();
                    }});
  CHECK(failure_of([&] { database.query({.sql = doubling(24)}, stop.get_token()); },
                   Reason::cancelled) == "The call was cancelled.");
  CHECK(database.query({.sql = "SELECT 1"}).rows.dump() == "[[1]]");
}

TEST_CASE("long statements that are not written out again are compiled") {
  SmallDatabase small;
  Database database(small.file, {});
  std::string chain = "WITH a0 AS (SELECT 1 AS v)";
  for (int i = 1; i < 100; ++i)
    chain +=
        ", a" + std::to_string(i) + " AS (SELECT v + 1 AS v FROM a" + std::to_string(i - 1) + ")";
  CHECK(database.query({.sql = chain + " SELECT v FROM a99"}).rows.dump() == "[[100]]");
  std::string list = "SELECT 7 IN (0";
  for (int i = 1; i < 11'000; ++i) list += "," + std::to_string(i);
  CHECK(database.query({.sql = list + ") AS found"}).rows.dump() == "[[1]]");
}

TEST_CASE("SQL itself is bounded") {
  SmallDatabase small;
  Database database(small.file, {});
  has(refusal(database, "SELECT '" + std::string(66'000, 'x') + "'", Reason::too_large), "64 KB");
  std::string deep = "1";
  for (int i = 0; i < 600; ++i) deep = "(" + deep + "+1)";
  refusal(database, "SELECT " + deep, Reason::invalid_sql);
  std::string selects = "SELECT 1";
  for (int i = 0; i < 150; ++i) selects += " UNION ALL SELECT 1";
  has(refusal(database, selects, Reason::invalid_sql), "compound SELECT");
  has(refusal(database, "SELECT ?250000", Reason::invalid_sql), "variable number");
  refusal(database, "SELECT 'a' LIKE replace(hex(zeroblob(2500)), '0', '%')", Reason::invalid_sql);
  std::string joins = "SELECT 1 FROM people";
  for (int i = 0; i < 80; ++i) joins += ", people p" + std::to_string(i);
  refusal(database, joins, Reason::invalid_sql);
}

TEST_CASE("functions that SQLite computes in quadratic time end in time") {
  // With SQLite's own forms the middle one takes minutes, and none of them can be stopped.
  SmallDatabase small;
  Database database(small.file, {});
  const auto answer = [&](const char* sql) { return database.query({.sql = sql}).rows.dump(); };
  CHECK(answer("SELECT instr(replace(hex(zeroblob(450000)), '0', 'a'), "
               "replace(hex(zeroblob(200000)), '0', 'a') || 'b')") == "[[0]]");
  CHECK(answer("SELECT length(trim(replace(hex(zeroblob(200000)), '0', 'a'), "
               "replace(hex(zeroblob(200000)), '0', 'b') || "
               "'a'))") == "[[0]]");
  CHECK(answer("SELECT length(replace(replace(hex(zeroblob(450000)), '0', 'a'), "
               "replace(hex(zeroblob(200000)), '0', 'a') || "
               "'b', ''))") == "[[900000]]");
}

TEST_CASE("printf, which spends seconds on one conversion, is refused with what to use instead") {
  SmallDatabase small;
  Database database(small.file, {});
  for (const char* sql : {"SELECT printf('%.*c', 2147483647, 'x')",
                          "SELECT Format('%.*c', 2147483647, 'x') FROM people"}) {
    has(refusal(database, sql, Reason::invalid_sql),
        "not available here: use round(x, 2), ||, substr() or strftime()");
  }
}

TEST_CASE("the deadline is met between the functions of one row") {
  // Without a look inside, this row is computed to its end: SQLite looks only where it jumps.
  SmallDatabase small;
  std::string many = "SELECT 0";
  for (const char* call : {" + (name LIKE '%a%b')", " + (name LIKE '%a!%b' ESCAPE '!')",
                           " + (name GLOB '*a*b')", " + instr(name, 'b')",
                           " + length(replace(name, 'a', 'b'))", " + length(trim(name, 'b'))"}) {
    INFO(call);
    std::string sql = many;
    for (int i = 0; i < 100; ++i) sql += call;
    Database patient(small.file, {});
    CHECK(patient.query({.sql = sql + " FROM people WHERE id = 1"}).row_count == 1);
    Database database(small.file, {.now = hasty_clock()});
    has(refusal(database, sql + " FROM people WHERE id = 1", Reason::timeout), "Stopped after");
  }
}

TEST_CASE("functions without a look at the deadline end with their row") {
  SmallDatabase small;
  Database database(small.file, {.now = hasty_clock()});
  for (const char* call : {"length(quote(t))", "length(hex(t))", "length(upper(t))",
                           "length(json_array(t))", "length(t || 'a')", "length(substr(t, 2))"}) {
    INFO(call);
    std::string columns = "SELECT 0";
    for (int column = 0; column < 8; ++column) {
      columns += ", 0";
      for (int i = 0; i < 300; ++i) columns += std::string("+") + call;
    }
    const std::string sql =
        "WITH m AS MATERIALIZED (SELECT hex(zeroblob(5000)) AS t FROM people) " + columns +
        " FROM m";
    REQUIRE(sql.size() < 64 * 1024);
    has(refusal(database, sql, Reason::timeout), "Stopped after");
  }
}

TEST_CASE("LIKE and GLOB answer as SQLite's own") {
  SmallDatabase small;
  Database database(small.file, {});
  const auto answer = [&](const char* sql) { return database.query({.sql = sql}).rows.dump(); };
  CHECK(answer("SELECT 'Ada' LIKE 'a_A', 'Ünal' LIKE '_nal', 'ü' LIKE 'Ü', 'abc' LIKE '%C', '' "
               "LIKE '', 12 LIKE '1%', 'a' NOT LIKE 'b', NULL LIKE 'a', 'a' LIKE NULL") ==
        "[[1,1,0,1,1,1,1,null,null]]");
  CHECK(answer("SELECT '5%' LIKE '5!%' ESCAPE '!', '50' LIKE '5!%' ESCAPE '!', 'a' LIKE 'a' ESCAPE "
               "NULL") == "[[1,0,null]]");
  CHECK(answer("SELECT 'Ada' GLOB 'A*', 'Ada' GLOB 'a*', 'b' GLOB '[a-c]', 'b' GLOB '[^a-c]', "
               "NULL GLOB '*'") == "[[1,0,1,0,null]]");
  has(refusal(database, "SELECT 'a' LIKE 'a' ESCAPE 'xy'", Reason::invalid_sql),
      "single ASCII character");
}

TEST_CASE("the bounded functions answer as SQLite's own") {
  SmallDatabase small;
  OtherProgram(small.file)
      .run(
          "CREATE TABLE samples (a, b); INSERT INTO samples VALUES "
          "('hello world', 'o'), ('hello', 'x'), ('', ''), ('abc', ''), ('', 'a'), (NULL, 'a'), "
          "('a', NULL), ('Zoë Ünal', 'Ü'), ('ëëxëë', 'ë'), (12321, 1), (1.5, '.'), (x'00ff00', "
          "x'ff'), "
          "(x'ff80', x'80'), ('aXbXc', 'X'), ('  pad  ', ' '), ('aaaa', 'aa'), ('naïve', 'vï'), "
          "(cast(x'80616280' AS TEXT), 'a'), ('日本語日', '日');"
          "CREATE TABLE wanted AS SELECT rowid AS n, instr(a, b) AS i, replace(a, b, '-') AS r, "
          "trim(a, b) AS t, ltrim(a, b) AS l, rtrim(a, b) AS e FROM samples;");
  Database database(small.file, {});
  const auto different = database.query(
      {.sql = "SELECT n, a, b, instr(a, b), i, hex(replace(a, b, '-')), hex(r), hex(trim(a, b)), "
              "hex(t), hex(ltrim(a, b)), hex(l), hex(rtrim(a, b)), hex(e) "
              "FROM samples JOIN wanted ON samples.rowid = n "
              "WHERE instr(a, b) IS NOT i OR replace(a, b, '-') IS NOT r OR trim(a, b) IS NOT t "
              "OR ltrim(a, b) IS NOT l OR rtrim(a, b) IS NOT e"});
  CHECK(different.rows.dump() == "[]");
  CHECK(database.query({.sql = "SELECT count(*) FROM wanted"}).rows.dump() == "[[19]]");
}

TEST_CASE("the row cap is exact and can be lowered, never lifted") {
  SmallDatabase small;
  Database database(small.file, {.max_rows = 3});
  const auto three = database.query({.sql = "SELECT id FROM people ORDER BY id"});
  CHECK(three.rows.dump() == "[[1],[2],[3]]");
  CHECK(three.row_count == 3);
  CHECK_FALSE(three.truncated);
  CHECK(three.notes.empty());

  const auto two = database.query({.sql = "SELECT id FROM people ORDER BY id", .max_rows = 2});
  CHECK(two.rows.dump() == "[[1],[2]]");
  CHECK(two.truncated);
  REQUIRE(two.notes.size() == 1);
  has(two.notes[0], "more rows than these 2 (the limit is 2 rows)");
  has(two.notes[0], "LIMIT n OFFSET m");

  const auto many =
      database.query({.sql = endless.substr(0, endless.find("SELECT count")) + "SELECT i FROM n",
                      .max_rows = 1'000'000});
  CHECK(many.row_count == 3);
  CHECK(many.truncated);
  has(failure_of([&] { database.query({.sql = "SELECT 1", .max_rows = 0}); },
                 Reason::bad_parameter),
      "at least 1");
}

TEST_CASE("the byte cap holds for many rows, wide rows and long names") {
  SmallDatabase small;
  Database database(small.file, {.max_bytes = 2'000});
  const auto size = [](const QueryResult& result) { return result.rows.dump().size(); };
  const std::string n = endless.substr(0, endless.find("SELECT count"));

  const auto many = database.query({.sql = n + "SELECT hex(zeroblob(50)) FROM n"});
  CHECK(many.truncated);
  CHECK(many.row_count == 19);  // 104 bytes each
  CHECK(size(many) <= 2'000);
  has(many.notes.at(0), "limited to 2000 bytes");

  const auto one = database.query({.sql = "SELECT hex(zeroblob(5000)) AS h, 7 AS n"});
  CHECK(one.row_count == 1);
  CHECK_FALSE(one.truncated);
  CHECK(size(one) < 2'200);
  has(one.notes.at(0), "Row 1, h: cut to");
  has(one.notes.at(0), "of 10000 bytes");

  std::string wide = "SELECT 1";
  for (int i = 0; i < 1500; ++i) wide += ", hex(zeroblob(10000))";
  const auto row = database.query({.sql = wide});
  CHECK(row.columns.size() == 1501);
  CHECK(size(row) < 20'000);

  const auto named = database.query({.sql = "SELECT 1 AS \"" + std::string(5'000, 'n') + "\""});
  CHECK(named.columns.at(0).name.size() == 123);
}

TEST_CASE("the default answer stays below 20,000 tokens") {
  SmallDatabase small;
  Database database(small.file, {});
  const std::string n = endless.substr(0, endless.find("SELECT count"));
  const auto result = database.query({.sql = n + "SELECT i, hex(randomblob(400)) FROM n"});
  CHECK(result.truncated);
  CHECK(result.rows.dump().size() <= 50'000);
  CHECK(database.query({.sql = n + "SELECT i FROM n"}).row_count == 200);
}

TEST_CASE("a stop request ends a running statement") {
  SmallDatabase small;
  std::promise<void> running;
  std::atomic<int> looks = 0;
  Database database(small.file, {.now = [&, clock = standing_clock()] {
                      // Read a few times before the statement, then again and again within it.
                      if (looks.fetch_add(1) == 10) running.set_value();
                      return clock();
                    }});
  std::stop_source stop;
  auto call = std::async(std::launch::async, [&] {
    return failure_of([&] { database.query({.sql = endless}, stop.get_token()); },
                      Reason::cancelled);
  });
  CHECK(running.get_future().wait_for(patience) == std::future_status::ready);
  stop.request_stop();
  has(call.get(), "cancelled");
  CHECK(database.query({.sql = "SELECT 1"}).rows.dump() == "[[1]]");
  has(failure_of([&] { database.query({.sql = "SELECT 1"}, stop.get_token()); }, Reason::cancelled),
      "cancelled");
}

TEST_CASE("a long statement does not hold up the others, and connections are bounded") {
  SmallDatabase small;
  std::promise<void> running;
  std::atomic<int> looks = 0;
  Database database(small.file, {.timeout = std::chrono::milliseconds(200),
                                 .connections = 2,
                                 .now = [&, clock = standing_clock()] {
                                   if (looks.fetch_add(1) == 10) running.set_value();
                                   return clock();
                                 }});
  std::stop_source stop;
  const auto run_endless = [&] {
    failure_of([&] { database.query({.sql = endless}, stop.get_token()); }, Reason::cancelled);
  };
  auto first = std::async(std::launch::async, run_endless);
  CHECK(running.get_future().wait_for(patience) == std::future_status::ready);
  CHECK(database.query({.sql = "SELECT count(*) FROM people"}).rows.dump() == "[[3]]");

  // The clock stands still, so the second endless statement keeps the other connection; it has it
  // when a call that comes later finds none.
  auto second = std::async(std::launch::async, run_endless);
  std::string text;
  const auto end = std::chrono::steady_clock::now() + patience;
  while (text.empty() && std::chrono::steady_clock::now() < end) {
    try {
      database.query({.sql = "SELECT 1"});
    } catch (const Failure& failure) {
      CHECK(failure.reason() == Reason::busy);
      text = failure.what();
    }
  }
  has(text, "All 2 connections to small.db are in use");
  stop.request_stop();
  first.get();
  second.get();
  CHECK(database.query({.sql = "SELECT 1"}).rows.dump() == "[[1]]");
}

TEST_CASE("many threads query at once") {
  SmallDatabase small;
  Database database(small.file, {});
  std::vector<std::future<std::string>> calls;
  for (int i = 0; i < 8; ++i) {
    calls.push_back(std::async(std::launch::async, [&database, i] {
      std::string last;
      for (int round = 0; round < 25; ++round) {
        last = database.query({.sql = "SELECT name, ? FROM people WHERE id = 1", .params = {i}})
                   .rows.dump();
      }
      return last;
    }));
  }
  for (int i = 0; i < 8; ++i) {
    CHECK(calls[static_cast<std::size_t>(i)].get() == "[[\"Ada\"," + std::to_string(i) + "]]");
  }
}
