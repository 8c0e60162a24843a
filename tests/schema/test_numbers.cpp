// Numbers are exact, whatever their size and spelling.

#include <limits>

#include <doctest/doctest.h>

#include <mcp/base/number_text.h>
#include <mcp/schema/schema.h>

using mcp::Json;
using mcp::make_number_text;
using namespace mcp::schema;

namespace {

bool valid(const Json& schema, const Json& instance) {
  return Schema::compile(schema).valid(instance);
}

}  // namespace

TEST_CASE("multipleOf counts decimals as they are written") {
  CHECK(valid({{"multipleOf", 0.01}}, 0.07));
  CHECK(valid({{"multipleOf", 0.01}}, 19.99));
  CHECK(valid({{"multipleOf", 0.1}}, 0.3));
  CHECK_FALSE(valid({{"multipleOf", 0.01}}, 0.075));
  CHECK(valid({{"multipleOf", 1e-8}}, 12391239123));
  CHECK(valid({{"multipleOf", 0.5}}, 1e308));
  CHECK_FALSE(valid({{"multipleOf", 0.123456789}}, 1e308));
  CHECK(valid({{"multipleOf", 3}}, -9));
  CHECK(valid({{"multipleOf", 3}}, 0));
  CHECK_FALSE(valid({{"multipleOf", 3}}, std::numeric_limits<std::uint64_t>::max() - 1));
  CHECK(valid({{"multipleOf", 3}}, std::numeric_limits<std::uint64_t>::max()));
}

TEST_CASE("multipleOf works on numbers of any size") {
  const Json big = make_number_text("123456789012345678901234567890");
  CHECK(valid({{"multipleOf", 10}}, big));
  CHECK_FALSE(valid({{"multipleOf", 11}}, big));
  CHECK(valid({{"multipleOf", big}}, make_number_text("370370367037037036703703703670")));
  CHECK_FALSE(valid({{"multipleOf", big}}, make_number_text("370370367037037036703703703671")));
  CHECK(valid({{"multipleOf", 7}}, make_number_text("7e1000000000000")));
  CHECK_FALSE(valid({{"multipleOf", 7}}, make_number_text("1e1000000000000")));
  CHECK_FALSE(valid({{"multipleOf", 1}}, make_number_text("1e-400")));
}

TEST_CASE("limits compare exactly past 64 bits and past double") {
  const Json limit = make_number_text("18446744073709551616");
  CHECK(valid({{"maximum", limit}}, std::numeric_limits<std::uint64_t>::max()));
  CHECK(valid({{"maximum", limit}}, limit));
  CHECK_FALSE(valid({{"maximum", limit}}, make_number_text("18446744073709551617")));
  CHECK(valid({{"maximum", limit}}, make_number_text("-1e400")));
  CHECK_FALSE(valid({{"maximum", limit}}, make_number_text("1e400")));
  CHECK(valid({{"minimum", 0}}, make_number_text("1e-400")));
  CHECK_FALSE(valid({{"exclusiveMaximum", 0}}, make_number_text("1e-400")));
  CHECK(valid({{"exclusiveMaximum", 0}}, make_number_text("-1e-400")));
}

TEST_CASE("integers above 2^53 are not rounded to a double limit") {
  CHECK_FALSE(valid({{"maximum", 9007199254740992.0}}, 9007199254740993));
  CHECK(valid({{"maximum", 9007199254740992.0}}, 9007199254740992));
  CHECK(valid({{"minimum", -9007199254740993}}, -9007199254740993));
  CHECK_FALSE(valid({{"minimum", -9007199254740992.0}}, -9007199254740993));
  CHECK(valid({{"minimum", -1}}, std::numeric_limits<std::uint64_t>::max()));
  CHECK_FALSE(valid({{"maximum", -1}}, std::numeric_limits<std::uint64_t>::max()));
}

TEST_CASE("limits between integers, and at the ends of 64 bits, leave the right integers") {
  CHECK_FALSE(valid({{"minimum", 0.5}}, 0));
  CHECK(valid({{"minimum", 0.5}}, 1));
  CHECK_FALSE(valid({{"exclusiveMinimum", 1.0}}, 1));
  CHECK(valid({{"exclusiveMinimum", 0.5}}, 1));
  CHECK_FALSE(valid({{"maximum", -0.5}}, 0));
  CHECK(valid({{"exclusiveMaximum", -0.5}}, -1));
  CHECK_FALSE(valid({{"exclusiveMaximum", -1}}, -1));
  CHECK(valid({{"minimum", 1}, {"maximum", 1}}, 1.0));
  constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
  CHECK(valid({{"minimum", lowest}}, lowest));
  CHECK_FALSE(valid({{"exclusiveMinimum", lowest}}, lowest));
  CHECK_FALSE(valid({{"exclusiveMaximum", std::numeric_limits<std::uint64_t>::max()}},
                    std::numeric_limits<std::uint64_t>::max()));
  CHECK(valid({{"minimum", 5}}, std::numeric_limits<std::uint64_t>::max()));
}

TEST_CASE("an integer is a number without fraction, in whatever form") {
  CHECK(valid({{"type", "integer"}}, 1.0));
  CHECK(valid({{"type", "integer"}}, 1e300));
  CHECK_FALSE(valid({{"type", "integer"}}, 1.5));
  CHECK(valid({{"type", "integer"}}, make_number_text("1e400")));
  CHECK(valid({{"type", "integer"}}, make_number_text("1234567890123456789012345.0")));
  CHECK_FALSE(valid({{"type", "integer"}}, make_number_text("1234567890123456789012345.5")));
  CHECK(valid({{"type", "number"}}, make_number_text("-1e400")));
  CHECK_FALSE(valid({{"type", "string"}}, make_number_text("1e400")));
  CHECK_FALSE(valid({{"type", "integer"}}, std::numeric_limits<double>::infinity()));
}

TEST_CASE("equality is that of numbers, not of spelling") {
  CHECK(valid({{"const", 1}}, 1.0));
  CHECK_FALSE(valid({{"const", 1}}, true));
  CHECK(valid({{"enum", {make_number_text("1e400")}}}, make_number_text("10e399")));
  CHECK_FALSE(valid({{"const", make_number_text("100000000000000000000000001")}},
                    make_number_text("100000000000000000000000002")));
  CHECK(valid({{"const", 1e20}}, make_number_text("100000000000000000000")));
  CHECK_FALSE(valid({{"uniqueItems", true}},
                    Json::array({make_number_text("1e400"), make_number_text("1.0e400")})));
}

TEST_CASE("decimals past double are exact too") {
  auto number = [](const char* text) { return make_number_text(text); };
  CHECK(valid({{"const", 9007199254740993}}, number("9007199254740993.0")));
  CHECK_FALSE(valid({{"const", 9007199254740992}}, number("9007199254740993.0")));
  CHECK_FALSE(valid({{"const", 0.1}}, number("0.10000000000000000001")));
  CHECK_FALSE(valid({{"type", "integer"}}, number("1.0000000000000000000001")));
  CHECK_FALSE(valid({{"multipleOf", 0.01}}, number("4.3500000000000000000001")));
  CHECK(valid({{"multipleOf", number("1e-400")}}, number("3e-400")));
  CHECK_FALSE(valid({{"multipleOf", number("1e-400")}}, number("5e-401")));
  CHECK(valid({{"multipleOf", number("1e-400")}}, 1));
  const Json limit = number("972783798187987123879878123.18878137");
  CHECK(valid({{"exclusiveMaximum", limit}}, number("972783798187987123879878123.18878136")));
  CHECK_FALSE(
      valid({{"exclusiveMaximum", limit}}, number("972783798187987123879878123.188781371")));
  CHECK(valid({{"uniqueItems", true}}, Json::array({0, number("1e-400")})));
  CHECK_FALSE(
      valid({{"uniqueItems", true}}, Json::array({number("123456789012345678901234567890"),
                                                  number("1.2345678901234567890123456789e29")})));
}

TEST_CASE("counts may be written as decimals") {
  CHECK_FALSE(valid({{"maxLength", 2.0}}, "abc"));
  CHECK(valid({{"maxLength", make_number_text("1e400")}}, "abc"));
}

TEST_CASE("a big number is shown as it was written") {
  const auto errors = Schema::compile({{"maximum", 5}})
                          .validate(make_number_text("123456789012345678901234567890"));
  CHECK(summary(errors) == "123456789012345678901234567890 is more than the maximum 5");
}

TEST_CASE("a NaN, which no JSON text holds, is no number that a schema names") {
  const Json nan = std::numeric_limits<double>::quiet_NaN();
  for (const char* schema : {R"({"const": 5})", R"({"enum": [0, 1.5]})", R"({"minimum": 0})"}) {
    CAPTURE(schema);
    CHECK_FALSE(Schema::compile(Json::parse(schema)).valid(nan));
  }
}
