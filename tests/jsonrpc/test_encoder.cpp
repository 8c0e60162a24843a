#include <doctest/doctest.h>

#include <limits>
#include <memory>
#include <string>

#include <mcp/base/number_text.h>
#include <mcp/jsonrpc/codec.h>

using mcp::Json;
using namespace mcp::jsonrpc;

TEST_CASE("a request, a notification and responses on one line") {
  CHECK(encode(Request{1, "tools/list", {{"cursor", ""}}}) ==
        R"({"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":""}})");
  CHECK(encode(Request{"a\"b", "ping", nullptr}) ==
        R"({"jsonrpc":"2.0","id":"a\"b","method":"ping"})");
  CHECK(encode(Notification{"notifications/x", nullptr}) ==
        R"({"jsonrpc":"2.0","method":"notifications/x"})");
  CHECK(encode(Response{Id(2), Json{{"ok", true}}}) ==
        R"({"jsonrpc":"2.0","id":2,"result":{"ok":true}})");
  CHECK(encode(Response{Id(2), Json()}) == R"({"jsonrpc":"2.0","id":2,"result":null})");
  CHECK(encode(Response{Id(2), ErrorObject{-32601, "no\nsuch", nullptr}}) ==
        R"({"jsonrpc":"2.0","id":2,"error":{"code":-32601,"message":"no\nsuch"}})");
  CHECK(encode(Response{Id(2), ErrorObject{-32602, "m", Json{{"uri", "x"}}}}) ==
        R"({"jsonrpc":"2.0","id":2,"error":{"code":-32602,"message":"m","data":{"uri":"x"}}})");
}

TEST_CASE("a result that was serialised before goes out as it is") {
  CHECK(encode(Response{Id(3), Serialized{std::make_shared<std::string>("{\"tools\":[]}")}}) ==
        R"({"jsonrpc":"2.0","id":3,"result":{"tools":[]}})");
}

TEST_CASE("an id that could not be read is left out, or null where older peers want it") {
  const ErrorObject error{-32700, "m", nullptr};
  CHECK(encode(Response{std::nullopt, error}) ==
        R"({"jsonrpc":"2.0","error":{"code":-32700,"message":"m"}})");
  CHECK(encode(Response{std::nullopt, error, true}) ==
        R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"m"}})");
}

TEST_CASE("encoding appends") {
  std::string out = "x";
  encode(Notification{"m", nullptr}, out);
  encode_value(Json(1), out);
  CHECK(out == R"(x{"jsonrpc":"2.0","method":"m"}1)");
}

TEST_CASE("strings are escaped, so that a message stays on its line") {
  using namespace std::string_literals;
  CHECK(encode_value("a\"b\\c/\n\r\t\b\f\x01\x1f\x7f\0z"s) ==
        "\"a\\\"b\\\\c/\\n\\r\\t\\b\\f\\u0001\\u001f\x7f\\u0000z\"");
  CHECK(encode_value(Json{{"k\n", 1}}) == "{\"k\\n\":1}");
}

TEST_CASE("an escape is found at every place of a long string") {
  for (std::size_t at = 0; at < 40; ++at) {
    for (const char c : {'"', '\\', '\n', '\x1f'}) {
      std::string text(40, 'x');
      text[at] = c;
      CAPTURE(at);
      CHECK(encode_value(text) == Json(text).dump());
    }
  }
}

TEST_CASE("valid UTF-8 goes out as it is") {
  CHECK(encode_value("\xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80 abcdefgh") ==
        "\"\xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80 abcdefgh\"");
}

TEST_CASE("invalid UTF-8 is replaced, never thrown") {
  CHECK(encode_value("a\xFF\xFE"
                     "b") ==
        "\"a\xEF\xBF\xBD\xEF\xBF\xBD"
        "b\"");
  CHECK(encode_value("\xE2\x82") == "\"\xEF\xBF\xBD\"");
  CHECK(encode_value("\xE2\x82\"") == "\"\xEF\xBF\xBD\\\"\"");
  CHECK(encode_value(Json{{"\xFF", 1}}) == "{\"\xEF\xBF\xBD\":1}");
}

TEST_CASE("doubles are short, exact, and stay doubles") {
  CHECK(encode_value(1.0) == "1.0");
  CHECK(encode_value(-0.0) == "-0.0");
  CHECK(encode_value(0.1) == "0.1");
  CHECK(encode_value(21.5) == "21.5");
  CHECK(encode_value(100000.0) == "100000.0");
  CHECK(encode_value(123456789012345.0) == "123456789012345.0");
  CHECK(encode_value(1e15) == "1e+15");
  CHECK(encode_value(1e22) == "1e+22");
  CHECK(encode_value(0.00001) == "0.00001");
  CHECK(encode_value(5e-324) == "5e-324");
  CHECK(encode_value(1.7976931348623157e308) == "1.7976931348623157e+308");
}

TEST_CASE("integers keep every digit") {
  CHECK(encode_value(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
  CHECK(encode_value(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
}

TEST_CASE("what JSON has no number for is null") {
  CHECK(encode_value(std::numeric_limits<double>::infinity()) == "null");
  CHECK(encode_value(std::numeric_limits<double>::quiet_NaN()) == "null");
}

TEST_CASE("number texts are written as they are, other binaries as base64") {
  CHECK(encode_value(Json{{"n", mcp::make_number_text("1e400")}}) == "{\"n\":1e400}");
  CHECK(encode_value(Json::binary({0, 255})) == "\"AP8=\"");
  // A binary that only claims to be a number must not break the line.
  CHECK(encode_value(Json::binary({'1', '}'}, mcp::number_text_subtype)) == "\"MX0=\"");
}

TEST_CASE("a value nested a million deep does not exhaust the stack") {
  Json deep = 1;
  for (int i = 0; i < 1'000'000; ++i) {
    Json outer = Json::array();
    outer.push_back(std::move(deep));
    deep = std::move(outer);
  }
  CHECK(encode_value(deep).size() == 2'000'001);
}
