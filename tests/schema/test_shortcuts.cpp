// What is decided at a glance is decided as the standard says: names and constants of every size,
// lengths at their bounds, integers at theirs.

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <mcp/schema/schema.h>

using mcp::Json;
using namespace mcp::schema;

namespace {

std::string repeat(const std::string& text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace

TEST_CASE("a name is told from every other that differs in one byte") {
  for (std::size_t size = 1; size <= 40; ++size) {
    const std::string name(size, 'm');
    const Schema member = Schema::compile({{"properties", {{name, false}}}});
    const Schema constant = Schema::compile({{"const", name}});
    CAPTURE(size);
    REQUIRE_FALSE(member.valid({{name, 1}}));
    REQUIRE(constant.valid(name));
    for (std::size_t at = 0; at < size; ++at) {
      for (const char c : {'a', 'z', '\0'}) {
        std::string other = name;
        other[at] = c;
        REQUIRE(member.valid({{other, 1}}));
        REQUIRE_FALSE(member.valid({{name, 1}, {other, 1}}));
        REQUIRE_FALSE(constant.valid(other));
      }
    }
    REQUIRE(member.valid({{name + 'm', 1}, {name.substr(1), 1}}));
  }
}

TEST_CASE("required names are found between others of every size") {
  for (std::size_t size = 0; size <= 20; ++size) {
    const std::string name(size, 'm');
    const Schema schema = Schema::compile(
        {{"required", {name}}, {"properties", {{"", true}, {"m\x01", true}, {"n", true}}}});
    CAPTURE(size);
    REQUIRE(schema.valid({{name, 1}}));
    REQUIRE(schema.valid({{name, 1}, {"a", 1}, {name + "\x01", 1}, {"zz", 1}}));
    REQUIRE_FALSE(schema.valid({{name + "x", 1}, {"a", 1}, {"zz", 1}}));
    REQUIRE_FALSE(schema.valid(Json::object()));
  }
}

TEST_CASE("lengths count code points, whatever they take in bytes") {
  for (const std::string& one : std::vector<std::string>{"a", "é", "€", "💩"}) {
    for (std::size_t bound : {0U, 1U, 2U, 5U, 15U, 16U, 17U, 63U, 64U}) {
      const Schema at_least = Schema::compile({{"minLength", bound}});
      const Schema at_most = Schema::compile({{"maxLength", bound}});
      for (std::size_t length = 0; length <= 70; ++length) {
        const std::string text = repeat(one, length);
        CAPTURE(text);
        REQUIRE(at_least.valid(text) == (length >= bound));
        REQUIRE(at_most.valid(text) == (length <= bound));
        REQUIRE(at_least.validate(text).empty() == (length >= bound));
      }
    }
  }
}

TEST_CASE("integers of both kinds are compared at the ends of their ranges") {
  const auto lowest = std::numeric_limits<std::int64_t>::min();
  const auto highest = std::numeric_limits<std::int64_t>::max();
  const auto huge = std::numeric_limits<std::uint64_t>::max();
  const Schema small = Schema::compile({{"minimum", -5}, {"exclusiveMaximum", 5}});
  for (const Json& value : {Json(-5), Json(0), Json(4U)}) CHECK(small.valid(value));
  for (const Json& value : {Json(-6), Json(5), Json(5U), Json(lowest), Json(highest), Json(huge)})
    CHECK_FALSE(small.valid(value));
  const Schema positive = Schema::compile({{"minimum", 0}});
  for (const Json& value : {Json(0), Json(highest), Json(huge)}) CHECK(positive.valid(value));
  CHECK_FALSE(positive.valid(lowest));
  const Schema negative = Schema::compile({{"exclusiveMaximum", 0}});
  for (const Json& value : {Json(0), Json(highest), Json(huge)}) CHECK_FALSE(negative.valid(value));
  CHECK(negative.valid(lowest));
  const Schema whole = Schema::compile({{"minimum", 0.5}, {"maximum", highest}});
  CHECK_FALSE(whole.valid(0));
  CHECK(whole.valid(highest));
  CHECK_FALSE(whole.valid(huge));
  const Schema even = Schema::compile({{"multipleOf", 2}, {"minimum", 0}});
  CHECK(even.valid(4));
  CHECK_FALSE(even.valid(3));
  CHECK_FALSE(even.valid(-2));
}
