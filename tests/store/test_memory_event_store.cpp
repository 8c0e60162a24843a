#include <mcp/store/event_store.h>

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace {

// An event of this many bytes costs 100, with what the store counts beside them.
const std::string data(36, 'x');

/// What `read` gives: the numbers of the events, or "lost".
std::string read(mcp::EventStore& store, const std::string& session, std::uint64_t stream,
                 std::uint64_t after) {
  std::string told = "never called";
  store.read(session, stream, after, [&](std::optional<std::vector<mcp::EventStore::Event>> found) {
    told = found ? "" : "lost";
    for (const auto& event : found.value_or(std::vector<mcp::EventStore::Event>()))
      told += (told.empty() ? "" : " ") + std::to_string(event.number) + event.data.substr(0, 1);
  });
  return told;
}

}  // namespace

TEST_CASE("what follows an event is read in order, of its own stream and session alone") {
  const auto store = mcp::make_memory_event_store();
  store->append("s", 1, {1, "a"});
  store->append("s", 2, {1, "b"});
  store->append("s", 1, {2, "c"});
  store->append("t", 1, {1, "d"});
  CHECK(read(*store, "s", 1, 0) == "1a 2c");
  CHECK(read(*store, "s", 1, 1) == "2c");
  CHECK(read(*store, "s", 1, 2) == "");
  CHECK(read(*store, "s", 2, 0) == "1b");
  CHECK(read(*store, "t", 1, 0) == "1d");
  store->forget("s");
  CHECK(read(*store, "s", 1, 0) == "");
  CHECK(read(*store, "t", 1, 0) == "1d");
}

TEST_CASE("a session's oldest events go first, and who misses them is told") {
  const auto store = mcp::make_memory_event_store({.session_bytes = 300});
  for (std::uint64_t number = 1; number <= 5; ++number) store->append("s", 1, {number, data});
  CHECK(read(*store, "s", 1, 0) == "lost");
  CHECK(read(*store, "s", 1, 1) == "lost");
  CHECK(read(*store, "s", 1, 2) == "3x 4x 5x");
  CHECK(read(*store, "s", 1, 5) == "");
  for (std::uint64_t number = 1; number <= 3; ++number) store->append("s", 2, {number, data});
  CHECK(read(*store, "s", 1, 4) == "lost");
  CHECK(read(*store, "s", 1, 5) == "");
  CHECK(read(*store, "s", 2, 0) == "1x 2x 3x");
}

TEST_CASE("one event that is larger than its session's bound is kept until the next comes") {
  const auto store = mcp::make_memory_event_store({.session_bytes = 50});
  store->append("s", 1, {1, data});
  CHECK(read(*store, "s", 1, 0) == "1x");
  store->append("s", 1, {2, data});
  CHECK(read(*store, "s", 1, 0) == "lost");
  CHECK(read(*store, "s", 1, 1) == "2x");
}

TEST_CASE("past the bound of all sessions the one that writes pays") {
  const auto store = mcp::make_memory_event_store({.session_bytes = 1000, .bytes = 400});
  store->append("other", 1, {1, data});
  for (std::uint64_t number = 1; number <= 4; ++number) store->append("s", 1, {number, data});
  CHECK(read(*store, "other", 1, 0) == "1x");
  CHECK(read(*store, "s", 1, 0) == "lost");
  CHECK(read(*store, "s", 1, 1) == "2x 3x 4x");
  store->forget("other");
  store->append("s", 1, {5, data});
  CHECK(read(*store, "s", 1, 1) == "2x 3x 4x 5x");
}

TEST_CASE("what was lost is told after very many other streams too") {
  const auto store = mcp::make_memory_event_store({.session_bytes = 300});
  store->append("s", 1, {1, data});
  store->append("s", 1, {2, data});
  for (std::uint64_t stream = 2; stream <= 10'000; ++stream) store->append("s", stream, {1, data});
  CHECK(read(*store, "s", 1, 0) == "lost");
  CHECK(read(*store, "s", 1, 1) == "lost");
  CHECK(read(*store, "s", 9'997, 0) == "lost");
  CHECK(read(*store, "s", 9'998, 0) == "1x");
  CHECK(read(*store, "s", 10'000, 0) == "1x");
}
