#include <doctest/doctest.h>

#include <cmath>

#include <mcp/base/finite.h>

using mcp::find_not_finite;
using mcp::Json;

TEST_CASE("a number that is none is found wherever it is") {
  CHECK(find_not_finite(HUGE_VAL) == "");
  CHECK(find_not_finite(Json::array({1, -HUGE_VAL})) == "/1");
  CHECK(find_not_finite({{"a", {1, {{"b~", std::nan("")}}}}, {"z", 0}}) == "/a/1/b~0");
  CHECK(find_not_finite({{"a", Json::array()}, {"b", Json::object()}, {"c", HUGE_VAL}}) == "/c");
}

TEST_CASE("what is finite is not found, however deep") {
  CHECK_FALSE(find_not_finite(nullptr));
  CHECK_FALSE(find_not_finite({{"a", {1.5, -0.0, 1e308, "inf"}}, {"b", nullptr}}));
  Json deep = 1.5;
  for (int i = 0; i < 100'000; ++i) deep = Json::array({std::move(deep)});
  CHECK_FALSE(find_not_finite(deep));
}
