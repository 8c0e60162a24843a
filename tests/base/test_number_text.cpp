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
