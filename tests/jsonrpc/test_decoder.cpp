#include <string>

#include <mcp/base/number_text.h>

#include "decoded.h"

using namespace decoded;
using mcp::number_text;

namespace {

std::string nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

}  // namespace

TEST_CASE("a request arrives with id, method and params") {
  Request call = request(
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"add","arguments":{"a":1.5}}})");
  CHECK(call.id == Id(1));
  CHECK(call.method == "tools/call");
  CHECK(call.params == Json::parse(R"({"name":"add","arguments":{"a":1.5}})"));
}

TEST_CASE("members may come in any order, with spaces and unknown ones between") {
  Request call = request(
      " {\"params\" : {} , \"x\":{\"y\":[1]},\r\n\t\"method\":\"ping\",\"id\":\"a\",\"jsonrpc\":"
      "\"2.0\"}\n");
  CHECK(call.id == Id("a"));
  CHECK(call.method == "ping");
  CHECK(call.params == Json::object());
}

TEST_CASE("many unknown members are ignored too") {
  std::string bytes = R"({"jsonrpc":"2.0","id":1,"method":"ping")";
  for (int i = 0; i < 100; ++i) bytes += ",\"x" + std::to_string(i) + "\":" + std::to_string(i);
  CHECK(request(bytes + "}").method == "ping");
  CHECK(refusal(bytes + ",\"x5\":0}").error.code == -32600);
}

TEST_CASE("what is no JSON is refused with its place") {
  struct Row {
    const char* bytes;
    const char* message;
  };
  const Row rows[] = {
      {R"({"jsonrpc":"2.0","id":1,"method":"to)",
       "the message is cut off inside the string that starts at line 1, column 34"},
      {R"({"jsonrpc":"2.0",)",
       "the message is cut off: it ends at line 1, column 18 where a member name in double quotes "
       "is expected"},
      {"", "no JSON value: the message ends at line 1, column 1"},
      {"  \n ", "no JSON value: the message ends at line 2, column 2"},
      {"[1}]", "found '}' at line 1, column 3 where ',' or ']' is expected"},
      {"{\"a\":1]", "found ']' at line 1, column 7 where ',' or '}' is expected"},
      {"{\"a\" 1}", "found '1' at line 1, column 6 where ':' is expected"},
      {"{a:1}", "found 'a' at line 1, column 2 where a member name in double quotes is expected"},
      {"[1,]", "found ']' at line 1, column 4 where a value is expected"},
      {"{\"a\":1,}",
       "found '}' at line 1, column 8 where a member name in double quotes is expected"},
      {"{} {}", "found '{' at line 1, column 4 where nothing after the JSON value is expected"},
      {"nul", "found 'n' at line 1, column 1 where null is expected"},
      {"[truth]", "found 't' at line 1, column 2 where true is expected"},
      {"hello", "found 'h' at line 1, column 1 where a value is expected"},
      {"[01]",
       "no JSON number at line 1, column 2; numbers look like -12.5e3, without leading zeros"},
      {"[-]",
       "no JSON number at line 1, column 2; numbers look like -12.5e3, without leading zeros"},
      {"[1.]",
       "no JSON number at line 1, column 2; numbers look like -12.5e3, without leading zeros"},
      {"[NaN]", "found 'N' at line 1, column 2 where a value is expected"},
      {"\xEF\xBB\xBF{}", "a byte order mark at line 1, column 1; start with the JSON value"},
      {"[\"\xC3\xA4\xC3\xB6\", x]", "found 'x' at line 1, column 8 where a value is expected"},
      {"{}\x01",
       "found byte 0x01 at line 1, column 3 where nothing after the JSON value is expected"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.bytes);
    Refusal refused = refusal(row.bytes);
    CHECK(refused.error.code == -32700);
    CHECK(refused.error.message == row.message);
  }
}

TEST_CASE("a NUL byte is refused inside and outside of strings") {
  using namespace std::string_literals;
  CHECK(refusal("{}\0"s).error.code == -32700);
  CHECK(refusal("\0{}"s).error.code == -32700);
  CHECK(refused_argument("\"a\0b\""s) ==
        "control character 0x00 inside a string at line 1, column 82; write it as an escape such "
        "as \\n or \\u0000");
  CHECK(argument("\"a\\u0000b\"") == "a\0b"s);
}

TEST_CASE("depth is bounded: 128 levels, the message itself counted") {
  CHECK(request(call_with(nested(126))).id == Id(7));
  Refusal refused = refusal(call_with(nested(127)));
  CHECK(refused.error.code == -32700);
  CHECK(refused.error.message ==
        "nested deeper than 128 levels at line 1, column 206; send flatter JSON");
  CHECK(refused.id == Id(7));
}

TEST_CASE("the innermost empty container counts as a level") {
  Decoder decoder;
  CHECK(std::holds_alternative<Json>(decoder.decode_value(nested(128))));
  CHECK(std::holds_alternative<mcp::jsonrpc::ErrorObject>(decoder.decode_value(nested(129))));
  CHECK(std::holds_alternative<mcp::jsonrpc::ErrorObject>(
      decoder.decode_value(std::string(128, '[') + "{}" + std::string(128, ']'))));
}

TEST_CASE("200 000 levels are refused, closed or not") {
  CHECK(refusal(std::string(200'000, '[')).error.code == -32700);
  CHECK(refusal(nested(200'000)).error.code == -32700);
  CHECK(refused_argument(nested(200'000)) ==
        "nested deeper than 128 levels at line 1, column 206; send flatter JSON");
  std::string objects;
  for (int i = 0; i < 200'000; ++i) objects += "{\"a\":";
  CHECK(refusal(objects).error.code == -32700);
}

TEST_CASE("invalid UTF-8 is refused with its place") {
  CHECK(refused_argument("\"\xFF\xFE\"") ==
        "invalid UTF-8: byte 0xFF at line 1, column 81; messages are encoded as UTF-8");
  for (const char* bytes : {"\"\xC0\x80\"", "\"\xED\xA0\x80\"", "\"\xF4\x90\x80\x80\"",
                            "\"\xE2\x82\"", "\"\x80\"", "\"\xF8\x88\x80\x80\x80\""}) {
    CAPTURE(bytes);
    CHECK(refusal(call_with(bytes)).error.code == -32700);
  }
}

TEST_CASE("lone surrogates are refused, pairs are joined") {
  const std::string why =
      "lone surrogate escape at line 1, column 81; a code point past U+FFFF is written as a high "
      "and a low surrogate";
  CHECK(refused_argument(R"("\ud800")") == why);
  CHECK(refused_argument(R"("\udc00")") == why);
  CHECK(refused_argument(R"("\ud800\u0041")") == why);
  CHECK(refused_argument(R"("\ud800x")") == why);
  CHECK(argument(R"("\ud83d\ude00")") == "\xF0\x9F\x98\x80");
}

TEST_CASE("broken escapes are refused") {
  CHECK(
      refused_argument(R"("\x41")") ==
      R"(unknown escape at line 1, column 81; the escapes are \" \\ \/ \b \f \n \r \t and \uXXXX)");
  CHECK(refused_argument(R"("\u12g4")") ==
        "incomplete \\u escape at line 1, column 81; four hexadecimal digits follow \\u");
  CHECK(refusal("\"\\u12").error.code == -32700);
  CHECK(refusal("\"\\").error.code == -32700);
}

TEST_CASE("a duplicate key is refused wherever it is, with its JSON pointer") {
  Refusal refused = refusal(call_with(R"({"a":[0,{"b/c":1,"b/c":2}]})"));
  CHECK(refused.error.code == -32600);
  CHECK(refused.error.message ==
        "duplicate key: /params/arguments/a/1/b~1c comes a second time at line 1, column 97; a "
        "member name may stand once in an object");
  CHECK(refused.id == Id(7));
  CHECK_FALSE(refused.of_response);
}

TEST_CASE("a duplicate envelope member is refused") {
  Refusal refused = refusal(R"({"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call"})");
  CHECK(refused.error.code == -32600);
  CHECK(refused.error.message ==
        "duplicate key: /method comes a second time at line 1, column 41; a member name may stand "
        "once in an object");
  CHECK(refusal(R"({"jsonrpc":"2.0","id":1,"method":"ping","x":1,"x":2})").error.code == -32600);
  CHECK(refusal(R"({"jsonrpc":"2.0","id":1,"result":{"a":1,"a":1}})").of_response);
}

TEST_CASE("keys that only differ in their escapes are the same key") {
  CHECK(refusal(call_with(R"({"a":1,"\u0061":2})")).error.code == -32600);
}

TEST_CASE("a long duplicate key is shown cut") {
  const std::string key(1000, 'k');
  const std::string message = refused_argument("{\"" + key + "\":1,\"" + key + "\":2}");
  CHECK(message.size() < 400);
  CHECK(message.find("kkk\xE2\x80\xA6 comes a second time") != std::string::npos);
}

TEST_CASE("numbers outside of 64 bits or double are kept as their text") {
  for (const char* text :
       {"18446744073709551616", "-9223372036854775809", "123456789012345678901234567890", "1e400",
        "-1.5E+309", "123456789012345678901234567890.5e300", "1e-400", "-1E-400", "3e-324",
        "2.2250738585072011e-308", "4.94065645841246544e-324", "0.1234567890123456789012",
        "3.14159265358979323846", "0.10000000000000001", "9007199254740993.0",
        "-1234567890.123456789", "1e999999999999999999999", "-1e-999999999999999999999",
        "0.3000000000000000000000001"}) {
    CAPTURE(text);
    const Json value = argument(text);
    CHECK(number_text(value) == text);
    CHECK(encode_value(value) == text);
  }
}

TEST_CASE("other numbers are what nlohmann makes of them") {
  for (const char* text : {"0",
                           "1",
                           "-1",
                           "9223372036854775807",
                           "-9223372036854775808",
                           "9223372036854775808",
                           "18446744073709551615",
                           "1.0",
                           "-0.0",
                           "0.1",
                           "1e5",
                           "1E-5",
                           "1.7976931348623157e308",
                           "5e-324",
                           "2.225073858507201e-308",
                           "123456789.12345679",
                           "0.30000000000000004",
                           "-0.1234567890123456E-7",
                           "1.5000000000000000000000",
                           "100000000000000000000.0",
                           "0.0",
                           "0e-999",
                           "0e999",
                           "1e23",
                           "3.141592653589793",
                           "4.35",
                           "0.000001"}) {
    CAPTURE(text);
    const Json value = argument(text);
    const Json expected = Json::parse(text);
    CHECK(value == expected);
    CHECK(value.type() == expected.type());
    // The same value by the strict reader, which a big number beside it calls in.
    const Json strict = argument("[1e400," + std::string(text) + "]")[1];
    CHECK(strict == expected);
    CHECK(strict.type() == expected.type());
  }
}

TEST_CASE("minus zero without a fraction is the integer zero") {
  CHECK(encode_value(argument("-0")) == "0");
  CHECK(encode_value(argument("[1e400,-0]")) == "[1e400,0]");
}

TEST_CASE("a number that double would round is kept wherever it stands") {
  const std::string tiny = "0." + std::string(400, '0') + "1";
  CHECK(number_text(argument(tiny)) == tiny);
  CHECK(argument(tiny + "e402") == 10.0);
  CHECK(argument("[1e400,0e999999999999999999999]")[1] == 0.0);
  const std::string pi = "3.14159265358979323846";
  for (std::size_t before = 0; before < 40; ++before) {
    const Json value = argument("[\"" + std::string(before, 'x') + "\",0.5," + pi + ",7]");
    CHECK(number_text(value[2]) == pi);
    CHECK(value[1] == 0.5);
  }
  Decoder decoder;
  CHECK(number_text(std::get<Json>(decoder.decode_value(pi))) == pi);
  CHECK(number_text(std::get<Json>(decoder.decode_value("1e-400"))) == "1e-400");
  const Incoming batch = incoming("[" + call_with(pi) + "]");
  const auto& item = std::get<Message>(std::get<Batch>(batch).items.at(0));
  CHECK(number_text(std::get<Request>(item).params["arguments"]) == pi);
}

TEST_CASE("digits in texts are no numbers") {
  const Json value = argument(R"({"a":"3.14159265358979323846","b":0.5,"c":"1e-400","d":0.0})");
  CHECK(value == Json{{"a", "3.14159265358979323846"}, {"b", 0.5}, {"c", "1e-400"}, {"d", 0.0}});
}

TEST_CASE("an 8 MiB argument passes, 16 MiB is the stated limit") {
  const std::string text(std::size_t{8} << 20, 'x');
  CHECK(argument('"' + text + '"') == text);
  const std::string large = call_with('"' + std::string(std::size_t{16} << 20, 'x') + '"');
  Refusal refused = refusal(large);
  CHECK(refused.error.code == -32700);
  CHECK(refused.error.message == "a message of 16777299 bytes; at most 16777216 are taken");
}

TEST_CASE("a decoder goes on after everything it refused") {
  Decoder decoder;
  const std::string ping = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";
  for (const std::string& bytes :
       {std::string(200'000, '['), std::string("{\"\xFF\"}"), std::string("[1}]"),
        call_with('"' + std::string(std::size_t{4} << 20, 'x') + '"'), nested(128)}) {
    (void)decoder.decode(bytes);
    CHECK(std::holds_alternative<Message>(decoder.decode(ping)));
  }
}

TEST_CASE("the number of values is bounded") {
  CodecLimits limits;
  limits.values = 10;
  // The message, jsonrpc, id, method, params, name, arguments: seven values.
  CHECK(request(call_with("[1,2,3]"), limits).id == Id(7));
  CHECK(refusal(call_with("[1,2,3,4]"), limits).error.message ==
        "more than 10 values at line 1, column 87; send fewer at once");
  std::string many = "[0";
  for (int i = 0; i < 1'000'000; ++i) many += ",0";
  CHECK(refusal(call_with(many + "]")).error.code == -32700);
}

TEST_CASE("the id of a broken request is known once its method was read") {
  CHECK(refusal(R"({"jsonrpc":"2.0","id":5,"method":"x","params":{)").id == Id(5));
  // It could as well be a response: its id would be taken for one of our own.
  Refusal unknown = refusal(R"({"jsonrpc":"2.0","id":5,)");
  CHECK(unknown.id == std::nullopt);
  CHECK_FALSE(unknown.of_response);
  Refusal response = refusal(R"({"jsonrpc":"2.0","id":5,"result":{},)");
  CHECK(response.id == Id(5));
  CHECK(response.of_response);
}

TEST_CASE("a batch holds requests, notifications and responses, each judged alone") {
  Incoming result = incoming(R"([{"jsonrpc":"2.0","id":1,"method":"ping"},
      {"jsonrpc":"2.0","method":"notifications/initialized"},
      {"jsonrpc":"2.0","id":"s1","result":{}},
      {"jsonrpc":"2.0","id":3},
      4, [],
      {"jsonrpc":"2.0","id":6,"method":"x","params":{"a":1,"a":2}}])");
  REQUIRE(std::holds_alternative<Batch>(result));
  const auto& items = std::get<Batch>(result).items;
  REQUIRE(items.size() == 7);
  CHECK(std::holds_alternative<Request>(std::get<Message>(items[0])));
  CHECK(std::holds_alternative<Notification>(std::get<Message>(items[1])));
  CHECK(std::get<Response>(std::get<Message>(items[2])).id == Id("s1"));
  CHECK(std::get<Refusal>(items[3]).id == Id(3));
  CHECK(std::get<Refusal>(items[4]).error.message == "no message: a message is a JSON object");
  CHECK(std::get<Refusal>(items[5]).error.code == -32600);
  CHECK(std::get<Refusal>(items[6]).id == Id(6));
  CHECK(std::get<Refusal>(items[6]).error.message ==
        "duplicate key: /6/params/a comes a second time at line 6, column 60; a member name may "
        "stand once in an object");
}

TEST_CASE("an empty batch and one past 100 items are refused") {
  CHECK(refusal("[]").error.code == -32600);
  CHECK(refusal("[]").error.message == "an empty batch; a batch holds at least one message");
  std::string items = "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"ping\"}";
  const std::string first = items;
  for (int i = 1; i < 100; ++i) items += "," + first;
  CHECK(std::get<Batch>(incoming("[" + items + "]")).items.size() == 100);
  CHECK(refusal("[" + items + "," + first + "]").error.message ==
        "a batch of 101 items; at most 100 are taken at once");
}

TEST_CASE("a broken batch is refused whole") {
  CHECK(refusal(R"([{"jsonrpc":"2.0","id":1,"method":"ping"},)").error.code == -32700);
  CHECK(refusal("[1,2").id == std::nullopt);
}

TEST_CASE("any JSON value goes through the same gate") {
  Decoder decoder;
  CHECK(std::get<Json>(decoder.decode_value("[1,{\"a\":null}]")) ==
        Json::parse("[1,{\"a\":null}]"));
  CHECK(std::get<Json>(decoder.decode_value("\"x\"")) == "x");
  CHECK(number_text(std::get<Json>(decoder.decode_value("1e400"))) == "1e400");
  const auto duplicate = decoder.decode_value("{\"a\":1,\n\"a\":1}");
  CHECK(std::get<mcp::jsonrpc::ErrorObject>(duplicate).message ==
        "duplicate key: /a comes a second time at line 2, column 1; a member name may stand once "
        "in an object");
}
