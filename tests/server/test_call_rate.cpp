// A caller's share of tool calls, at moments that the test chooses.

#include <doctest/doctest.h>

#include <mcp/server/call_rate.h>

namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

const mcp::TimePoint start{std::chrono::hours(1)};

}  // namespace

TEST_CASE("a minute's share may come at once, then evenly") {
  mcp::server::CallRate rate(3);
  CHECK(rate.take("a", start) == seconds(0));
  CHECK(rate.take("a", start) == seconds(0));
  CHECK(rate.take("a", start) == seconds(0));
  CHECK(rate.take("a", start) == seconds(20));
  CHECK(rate.take("a", start + seconds(19)) == seconds(1));  // what was refused does not count
  CHECK(rate.take("b", start) == seconds(0));
  CHECK(rate.take("a", start + seconds(20)) == seconds(0));
  CHECK(rate.take("a", start + seconds(20)) == seconds(20));
}

TEST_CASE("a share that was not used is not saved up") {
  mcp::server::CallRate rate(2);
  const auto later = start + std::chrono::hours(5);
  CHECK(rate.take("a", start) == seconds(0));
  CHECK(rate.take("a", later) == seconds(0));
  CHECK(rate.take("a", later) == seconds(0));
  CHECK(rate.take("a", later) == seconds(30));
}

TEST_CASE("callers that come and go do not pile up, and none gets more by it") {
  mcp::server::CallRate rate(1);
  CHECK(rate.take("a", start) == seconds(0));
  for (int i = 0; i < 10'000; ++i)
    REQUIRE(rate.take(std::to_string(i), start + milliseconds(i)) == seconds(0));
  CHECK(rate.take("a", start + seconds(59)) == seconds(1));
  CHECK(rate.callers() == 10'001);
  for (int i = 0; i < 20'000; ++i) rate.take("late " + std::to_string(i), start + minutes(2));
  CHECK(rate.callers() < 25'000);
}
