#include <mcp/store/store.h>

#include <doctest/doctest.h>

#include <stdexcept>

using namespace std::chrono_literals;

TEST_CASE("a key is written once; put writes it whatever was there") {
  const auto store = mcp::make_memory_store();
  CHECK_FALSE(store->insert("a", "1", 60s).has_value());
  CHECK(store->insert("a", "2", 60s) == "1");
  store->put("a", "3", 60s);
  CHECK(store->insert("a", "2", 60s) == "3");
  store->put("b", "4", 60s);
  CHECK(store->insert("b", "5", 60s) == "4");
}

TEST_CASE("a key is free again when its time is over, and not before") {
  mcp::TimePoint now{};
  const auto store = mcp::make_memory_store(10, [&now] { return now; });
  CHECK_FALSE(store->insert("a", "1", 60s).has_value());
  now += 59s;
  CHECK(store->insert("a", "2", 60s) == "1");
  now += 1s;
  CHECK_FALSE(store->insert("a", "3", 60s).has_value());
  CHECK(store->insert("a", "4", 60s) == "3");
}

TEST_CASE("the store is bounded: what has expired makes room, what has not does not") {
  mcp::TimePoint now{};
  const auto store = mcp::make_memory_store(2, [&now] { return now; });
  CHECK_FALSE(store->insert("a", "1", 60s).has_value());
  CHECK_FALSE(store->insert("short", "1", 1s).has_value());
  CHECK_THROWS_AS(store->insert("b", "1", 60s), std::runtime_error);
  CHECK(store->insert("a", "2", 60s) == "1");  // what is there is still told
  now += 1s;
  CHECK_FALSE(store->insert("b", "1", 60s).has_value());
  CHECK_THROWS_AS(store->insert("c", "1", 60s), std::runtime_error);
}
