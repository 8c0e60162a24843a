#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include <mcp/base/number_text.h>

using mcp::Json;

TEST_CASE("a number past every type keeps its text") {
  Json number = mcp::make_number_text("123456789012345678901234567890");
  CHECK(mcp::is_number_text(number));
  CHECK(mcp::number_text(number) == "123456789012345678901234567890");
  CHECK(mcp::make_number_text("1e400") != mcp::make_number_text("1e401"));
}

TEST_CASE("other values are no number texts") {
  CHECK_FALSE(mcp::is_number_text(Json(1)));
  CHECK_FALSE(mcp::is_number_text(Json("1e400")));
  CHECK_FALSE(mcp::is_number_text(Json::binary({1, 2})));
  CHECK_FALSE(mcp::is_number_text(Json::binary({'1'}, 0x4d)));
  CHECK(mcp::number_text(Json(1)).empty());
}

TEST_CASE("what is no JSON number can not become one") {
  for (const char* text : {"", "-", "01", "1.", ".5", "1e", "1e+", "+1", "0x10", "1 ", "NaN", "--1",
                           "1.5.2", "1,\"a\":2"}) {
    CAPTURE(text);
    CHECK_FALSE(mcp::is_json_number(text));
    CHECK_THROWS_AS(mcp::make_number_text(text), std::invalid_argument);
  }
}

TEST_CASE("the grammar of numbers") {
  for (const char* text : {"0", "-0", "10", "1.50", "-0.5e-7", "1E400", "1e+400"}) {
    CAPTURE(text);
    CHECK(mcp::is_json_number(text));
  }
  CHECK(mcp::is_json_integer("-170141183460469231731687303715884105728"));
  CHECK_FALSE(mcp::is_json_integer("1.0"));
  CHECK_FALSE(mcp::is_json_integer("1e3"));
}

TEST_CASE("a double is exactly the shortest decimal that reads as it") {
  for (const char* text :
       {"0", "-0.0", "0.1", "1.50", "1e5", "100000e-5", "123456789012345", "0.30000000000000004",
        "3.0000000000000004E-1", "9007199254740992", "1.7976931348623157e308", "5e-324",
        "2.2250738585072014e-308", "1000000000000000000000000000000", "0e999", "0.0000e-999"}) {
    CAPTURE(text);
    CHECK(mcp::fits_double(text));
  }
  for (const char* text :
       {"0.10000000000000001", "9007199254740993", "9007199254740993.0", "1e400", "-1e400",
        "1e-400", "3e-324", "1.79769313486231585e308", "0.30000000000000003", "123456789012345678",
        "3.14159265358979323846", "0.1000000000000000000000000001"}) {
    CAPTURE(text);
    CHECK_FALSE(mcp::fits_double(text));
  }
}

TEST_CASE("the nearest double of a number") {
  CHECK(mcp::nearest_double("3.14159265358979323846") == 3.141592653589793);
  CHECK(mcp::nearest_double("1e400") == std::numeric_limits<double>::infinity());
  CHECK(mcp::nearest_double("-1e400") == -std::numeric_limits<double>::infinity());
  CHECK(mcp::nearest_double("1e-400") == 0.0);
  CHECK(std::signbit(mcp::nearest_double("-1e-400")));
  CHECK(mcp::nearest_double("-12") == -12.0);
}
