#include <doctest/doctest.h>

#include <limits>

#include <mcp/base/canonical_json.h>
#include <mcp/base/error.h>
#include <mcp/base/number_text.h>

using mcp::canonical_json;
using mcp::Json;

TEST_CASE("the example of RFC 8785, section 3.2") {
  const Json value = Json::parse(R"({
    "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
    "literals": [null, true, false]})");
  CHECK(canonical_json(value) ==
        R"({"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],)"
        "\"string\":\"\u20AC$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
}

TEST_CASE("members are sorted by UTF-16 code units (RFC 8785, section 3.2.3)") {
  const Json value =
      Json::parse(R"({"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7})");
  CHECK(canonical_json(value) ==
        "{\"\\r\":2,\"1\":4,\"\u0080\":6,\"\u00F6\":7,\"\u20AC\":1,\"\U0001F600\":5,\"\uFB33\":3}");
  CHECK(canonical_json(Json{{"ab", 1}, {"a", 2}, {"", 3}}) == R"({"":3,"a":2,"ab":1})");
}

TEST_CASE("doubles as ECMAScript writes them (RFC 8785, appendix B)") {
  const std::pair<double, const char*> rows[] = {
      {0.0, "0"},
      {-0.0, "0"},
      {5e-324, "5e-324"},
      {-1.7976931348623157e308, "-1.7976931348623157e+308"},
      {9007199254740992.0, "9007199254740992"},
      {295147905179352830000.0, "295147905179352830000"},
      {9.999999999999997e22, "9.999999999999997e+22"},
      {1e23, "1e+23"},
      {999999999999999700000.0, "999999999999999700000"},
      {1e21, "1e+21"},
      {9.999999999999997e-7, "9.999999999999997e-7"},
      {0.000001, "0.000001"},
      {333333333.3333332, "333333333.3333332"},
      {1.0, "1"},
      {-21.5, "-21.5"},
      {100.0, "100"},
      {std::numeric_limits<double>::infinity(), "null"}};
  for (const auto& [value, text] : rows) CHECK(canonical_json(value) == text);
}

TEST_CASE("different numbers have different texts, equal ones the same") {
  CHECK(canonical_json(9007199254740993) == "9007199254740993");
  CHECK(canonical_json(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
  CHECK(canonical_json(mcp::make_number_text("1e400")) == "1e400");
  CHECK(canonical_json(Json(3.0)) == canonical_json(Json(3u)));
}

TEST_CASE("a value nested without end is an error, not a crash") {
  Json deep;
  for (int i = 0; i < 2000; ++i) {
    Json outer = Json::array();
    outer.push_back(std::move(deep));
    deep = std::move(outer);
  }
  CHECK_THROWS_AS(canonical_json(deep), mcp::Error);
}
