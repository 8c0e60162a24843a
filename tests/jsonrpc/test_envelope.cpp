#include "decoded.h"

using namespace decoded;

TEST_CASE("ids are strings and integers") {
  CHECK(request(R"({"jsonrpc":"2.0","id":"","method":"m"})").id == Id(""));
  CHECK(request(R"({"jsonrpc":"2.0","id":-3,"method":"m"})").id == Id(-3));
  CHECK(request(R"({"jsonrpc":"2.0","id":18446744073709551615,"method":"m"})").id ==
        Id::from_number_text("18446744073709551615"));
  CHECK(request(R"({"jsonrpc":"2.0","id":99999999999999999999999,"method":"m"})").id ==
        Id::from_number_text("99999999999999999999999"));
}

TEST_CASE("the id 1 and the id \"1\" are different") {
  CHECK(request(R"({"jsonrpc":"2.0","id":"1","method":"m"})").id != Id(1));
}

TEST_CASE("without id it is a notification") {
  auto notification = message<Notification>(R"({"jsonrpc":"2.0","method":"notifications/x"})");
  CHECK(notification.method == "notifications/x");
  CHECK(notification.params.is_null());
}

TEST_CASE("array params pass: dispatch refuses them") {
  CHECK(request(R"({"jsonrpc":"2.0","id":1,"method":"m","params":[1]})").params == Json{1});
}

TEST_CASE("responses carry a result or an error") {
  auto result = message<Response>(R"({"jsonrpc":"2.0","id":1,"result":{"a":1}})");
  CHECK(result.id == Id(1));
  CHECK(std::get<Json>(result.outcome) == Json{{"a", 1}});

  auto error = message<Response>(
      R"({"jsonrpc":"2.0","id":"x","error":{"code":-32601,"message":"no","data":{"b":2}}})");
  REQUIRE(error.is_error());
  CHECK(std::get<ErrorObject>(error.outcome).code == -32601);
  CHECK(std::get<ErrorObject>(error.outcome).message == "no");
  CHECK(std::get<ErrorObject>(error.outcome).data == Json{{"b", 2}});
}

TEST_CASE("an error may come without the id that its sender could not read") {
  auto absent = message<Response>(R"({"jsonrpc":"2.0","error":{"code":-32700,"message":"?"}})");
  CHECK(absent.id == std::nullopt);
  CHECK_FALSE(absent.null_id);
  auto null =
      message<Response>(R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"?"}})");
  CHECK(null.id == std::nullopt);
  CHECK(null.null_id);
}

TEST_CASE("what is no message is refused, with what would be right") {
  struct Row {
    const char* bytes;
    std::optional<Id> id;
    const char* message;
  };
  const Row rows[] = {
      {"3", {}, "no message: a message is a JSON object"},
      {"null", {}, "no message: a message is a JSON object"},
      {R"({"id":1,"method":"m"})", Id(1), "member \"jsonrpc\" is missing; it must be \"2.0\""},
      {R"({"jsonrpc":"1.0","id":1,"method":"m"})", Id(1),
       "member \"jsonrpc\" is another version; it must be \"2.0\""},
      {R"({"jsonrpc":2.0,"id":1,"method":"m"})", Id(1),
       "member \"jsonrpc\" is a number with fraction or exponent; it must be \"2.0\""},
      {R"({"jsonrpc":"2.0","id":null,"method":"m"})",
       {},
       "member \"id\" is null; it must be a string or an integer (leave it out in a notification)"},
      {R"({"jsonrpc":"2.0","id":1.5,"method":"m"})",
       {},
       "member \"id\" is a number with fraction or exponent; it must be a string or an integer "
       "(leave it out in a notification)"},
      {R"({"jsonrpc":"2.0","id":1e400,"method":"m"})",
       {},
       "member \"id\" is a number; it must be a string or an integer (leave it out in a "
       "notification)"},
      {R"({"jsonrpc":"2.0","id":{},"method":"m"})",
       {},
       "member \"id\" is an object; it must be a string or an integer (leave it out in a "
       "notification)"},
      {R"({"jsonrpc":"2.0","id":true,"method":"m"})",
       {},
       "member \"id\" is a boolean; it must be a string or an integer (leave it out in a "
       "notification)"},
      {R"({"jsonrpc":"2.0","id":1,"method":7})", Id(1),
       "member \"method\" is a number; it must be a string"},
      {R"({"jsonrpc":"2.0","id":1})", Id(1),
       "member \"method\" is missing; a request or notification has \"method\", a response has "
       "\"result\" or \"error\""},
      {R"({"jsonrpc":"2.0","id":1,"method":"m","params":"p"})", Id(1),
       "member \"params\" is a string; it must be an object (leave it out when there is none)"},
      {R"({"jsonrpc":"2.0","id":1,"method":"m","params":null})", Id(1),
       "member \"params\" is null; it must be an object (leave it out when there is none)"},
      {R"({"jsonrpc":"2.0","id":1,"method":"m","result":{}})", Id(1),
       "members \"method\" and \"result\" or \"error\" exclude each other; a request has "
       "\"method\", a response has \"result\" or \"error\""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.bytes);
    Refusal refused = refusal(row.bytes);
    CHECK(refused.error.code == -32600);
    CHECK(refused.error.message == row.message);
    CHECK(refused.id == row.id);
    CHECK_FALSE(refused.of_response);
  }
}

TEST_CASE("malformed responses are known as responses, so that nobody answers them") {
  struct Row {
    const char* bytes;
    std::optional<Id> id;
    const char* message;
  };
  const Row rows[] = {
      {R"({"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":"m"}})", Id(1),
       "members \"result\" and \"error\" exclude each other; a response has one of them"},
      {R"({"jsonrpc":"2.0","result":{}})",
       {},
       "member \"id\" is missing or null; a result has its request's id"},
      {R"({"jsonrpc":"2.0","id":1,"error":"no"})", Id(1),
       "member \"error\" is a string; it must be an object with \"code\" and \"message\""},
      {R"({"jsonrpc":"2.0","id":1,"error":{"message":"m"}})", Id(1),
       "member \"error\" has no integer \"code\""},
      {R"({"jsonrpc":"2.0","id":1,"error":{"code":1.5,"message":"m"}})", Id(1),
       "member \"error\" has no integer \"code\""},
      {R"({"jsonrpc":"2.0","id":1,"error":{"code":1}})", Id(1),
       "member \"error\" has no string \"message\""},
      {R"({"jsonrpc":"2.0","id":1,"error":{"code":4294967296,"message":"m"}})", Id(1),
       "member \"error\" has a \"code\" outside 32 bits"},
      {R"({"jsonrpc":"2.0","id":1,"error":{"code":18446744073709551615,"message":"m"}})", Id(1),
       "member \"error\" has a \"code\" outside 32 bits"},
      {R"({"jsonrpc":"2.0","id":[],"result":{}})",
       {},
       "member \"id\" is an array; it must be the id of the request that is answered"},
      {R"({"id":1,"result":{}})", Id(1), "member \"jsonrpc\" is missing; it must be \"2.0\""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.bytes);
    Refusal refused = refusal(row.bytes);
    CHECK(refused.error.code == -32600);
    CHECK(refused.error.message == row.message);
    CHECK(refused.id == row.id);
    CHECK(refused.of_response);
  }
}
