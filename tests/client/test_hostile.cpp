#include "scripted_server.h"

using namespace mcp;
using namespace mcp::test;
using namespace std::chrono_literals;

TEST_CASE("lines that are no messages are reported, and other calls are unharmed") {
  for (bool session : {false, true}) {
    CAPTURE(session);
    Stage stage;
    session ? stage.go_session() : stage.go_stateless();
    Box<Json> box;
    stage.client->request("x/y", nullptr, {}, box.callback());
    Json call = stage.hear();
    const std::string deep = std::string(200000, '[');
    for (const std::string& line :
         {std::string("Server listening on stdio"), std::string(R"({"jsonrpc":"2.0","id":1,)"),
          std::string("{}"), std::string("null"), std::string("\"\xff\xfe\""), deep,
          std::string(R"({"jsonrpc":"2.0","id":null,"method":"ping"})"),
          std::string(R"({"jsonrpc":"2.0","error":{"code":1,"message":"m"}})")}) {
      stage.say(line);
    }
    CHECK(stage.violations.size() >= 7);
    CHECK(stage.hear() == nullptr);
    stage.answer(call["id"], R"({"fine":true})");
    CHECK(box.value()["fine"] == true);
  }
}

TEST_CASE("answers that nobody asked for, and second answers, are ignored") {
  Stage stage;
  stage.go_stateless();
  Box<Json> box;
  stage.client->request("x/y", nullptr, {}, box.callback());
  Json call = stage.hear();
  stage.answer("1000", "{}");
  stage.answer(999, "{}");
  stage.answer(call["id"].dump(), "{}");  // the same digits, but a string
  CHECK(box.empty());
  CHECK(stage.violations.size() == 3);
  stage.answer(call["id"], R"({"n":1})");
  stage.answer(call["id"], R"({"n":2})");
  CHECK(box.value()["n"] == 1);
  CHECK(stage.violations.size() == 4);
}

TEST_CASE("an id is a number, however the server writes it") {
  Stage stage;
  stage.go_stateless();
  auto answered = [&](const std::string& suffix, const std::string& rest) {
    Box<Json> box;
    stage.client->request("x/y", nullptr, {}, box.callback());
    stage.say(R"({"jsonrpc":"2.0","id":)" + stage.hear()["id"].dump() + suffix + rest);
    return box;
  };
  CHECK(answered(".0", R"(,"result":{"n":1}})").value()["n"] == 1);
  CHECK(answered("e0", R"(,"result":{"n":2}})").value()["n"] == 2);
  CHECK(answered(".0", R"(,"result":{"a":1,"a":2}})").error().kind() ==
        CallError::Kind::invalid_result);
  CHECK(answered(".0", R"(,"result":{"a":}})").error().kind() == CallError::Kind::invalid_result);
  CHECK(stage.violations.empty());
  CHECK(answered(".5", R"(,"result":{}})").empty());
  CHECK(answered(".5", R"(,"result":{"a":}})").empty());
  CHECK(stage.violations.size() == 2);
}

TEST_CASE("an answer that is half right fails its own call, and says what is wrong") {
  Stage stage;
  stage.go_stateless();
  auto answered = [&](const std::string& rest) {
    Box<Json> box;
    stage.client->request("x/y", nullptr, {}, box.callback());
    Json call = stage.hear();
    stage.say(R"({"jsonrpc":"2.0","id":)" + call["id"].dump() + rest);
    CHECK(box.error().kind() == CallError::Kind::invalid_result);
    return std::string(box.error().what());
  };
  CHECK(answered(R"(,"result":{},"error":{"code":1,"message":"m"}})").find("exclude each other") !=
        std::string::npos);
  CHECK(answered(R"(,"error":"broken"})").find("must be an object with \"code\"") !=
        std::string::npos);
  CHECK(answered(R"(,"error":{"message":"m"}})").find("no integer \"code\"") != std::string::npos);
  CHECK(answered(R"(,"error":{"code":"1","message":"m"}})").find("no integer \"code\"") !=
        std::string::npos);
  CHECK(answered(R"(,"error":{"code":1.5,"message":"m"}})").find("no integer \"code\"") !=
        std::string::npos);
  CHECK(answered(R"(,"error":{"code":1}})").find("no string \"message\"") != std::string::npos);
  CHECK(answered(R"(,"result":{"a":1,"a":2}})").find("duplicate") != std::string::npos);
  CHECK(answered(R"(,"result":{"a":}})").find("unreadable answer") != std::string::npos);
  CHECK(answered(R"(,"result":null})") == "x/y: invalid result: it is no object");
  CHECK(answered(R"(,"result":"text"})") == "x/y: invalid result: it is no object");
  CHECK(stage.violations.empty());  // each was told to the call that it belongs to
}

TEST_CASE("broken JSON fails the call whose answer it was, wherever the id stands") {
  Stage stage;
  stage.go_stateless();
  for (const char* text :
       {R"({"result":{"a":[1,}},"jsonrpc":"2.0","id":ID})",
        R"({ "jsonrpc":"2.0", "error":{"message":"}\"{","x":tru}, "id": ID })"}) {
    CAPTURE(text);
    Box<Json> box;
    stage.client->request("x/y", nullptr, {}, box.callback());
    std::string line = text;
    line.replace(line.find("ID"), 2, stage.hear()["id"].dump());
    stage.say(line);
    CHECK(box.error().kind() == CallError::Kind::invalid_result);
    CHECK(std::string(box.error().what()).find("x/y: unreadable answer: ") == 0);
  }
  Box<Json> box;
  stage.client->request("x/y", nullptr, {}, box.callback());
  const std::string id = stage.hear()["id"].dump();
  for (const std::string& line :
       {R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":"x/z","params":{]})",  // no answer
        R"({"result":{]},"id":")" + id + R"("})",                              // a string
        std::string(R"({"result":{]},"id":1e3})"), R"({"result":{]},"id":)" + id + "1}",
        R"({"a":{"id":)" + id + R"(,"result":[}})", std::string(R"({"result":{]},"id)"),
        std::string(R"({"result":"no end)"), std::string(R"({"result)")}) {
    stage.say(line);
  }
  CHECK(box.empty());
  CHECK(stage.violations.size() == 8);
}

TEST_CASE("an answer longer than the limit fails its call at once, and says which limit") {
  ClientOptions options;
  options.limits.codec.message_bytes = 2000;
  Stage stage(options);
  stage.go_stateless();
  const std::string pad(2000, 'p');
  Box<Json> box, other;
  stage.client->request("x/y", nullptr, {}, box.callback());
  stage.client->request("x/other", nullptr, {.timeout = 10s}, other.callback());
  const std::string id = stage.hear()["id"].dump();
  Json second = stage.hear();
  SUBCASE("the id first") {
    stage.say(R"({"jsonrpc":"2.0","id":)" + id + R"(,"result":{"a":")" + pad + "\"}}");
    CHECK(box.error().kind() == CallError::Kind::limit);
    CHECK(std::string(box.error().what()) ==
          "x/y: a message of 2042 bytes came; at most 2000 are taken "
          "(ClientLimits::codec.message_bytes)");
  }
  SUBCASE("the id last") {
    stage.say(R"({"result":{"a":")" + pad + R"("},"jsonrpc":"2.0","id":)" + id + "}");
    CHECK(box.error().kind() == CallError::Kind::limit);
  }
  SUBCASE("an error") {
    stage.say(R"({"jsonrpc":"2.0","id":)" + id + R"(,"error":{"code":1,"message":")" + pad +
              "\"}}");
    CHECK(box.error().kind() == CallError::Kind::limit);
  }
  SUBCASE("no id that could be known: whoever waits in vain is told") {
    stage.say(R"({"jsonrpc":"2.0","result":{"a":")" + pad + "\"}}");
    CHECK(box.empty());
    CHECK(stage.violations.back() ==
          "a message of 2035 bytes came; at most 2000 are taken "
          "(ClientLimits::codec.message_bytes); it was skipped");
    stage.runtime.advance(10s);
    CHECK(other.error().kind() == CallError::Kind::timed_out);
    CHECK(std::string(other.error().what()) ==
          "x/other: no response within 10 s; meanwhile a message of 2035 bytes came; at most 2000 "
          "are taken (ClientLimits::codec.message_bytes) and was skipped: it may have been the "
          "answer");
    return;
  }
  CHECK(other.empty());
  stage.answer(second["id"], "{}");
  CHECK(other.ok());
}

TEST_CASE("a handshake and a list end with the reason too") {
  ClientOptions options;
  options.limits.codec.message_bytes = 2000;
  const std::string pad(2000, 'p');
  Stage stage(options);
  Json probe = stage.hear();
  SUBCASE("server/discover") {
    stage.answer(probe["id"], R"({"a":")" + pad + "\"}");
    CHECK(stage.hear() == nullptr);
    REQUIRE(stage.failure);
    CHECK(stage.failure->kind() == CallError::Kind::limit);
  }
  SUBCASE("initialize") {
    stage.answer_error(probe["id"], R"({"code":-32601,"message":"no"})");
    stage.answer(stage.hear()["id"], R"({"a":")" + pad + "\"}");
    REQUIRE(stage.failure);
    CHECK(stage.failure->kind() == CallError::Kind::limit);
  }
  SUBCASE("a page") {
    stage.answer(probe["id"], discover_answer);
    Box<std::vector<Tool>> tools;
    stage.client->list_tools({}, tools.callback());
    stage.answer(stage.hear()["id"], R"({"tools":[{"name":")" + pad + "\"}]}");
    CHECK(tools.error().kind() == CallError::Kind::limit);
  }
}

TEST_CASE("a flood of nonsense is reported only so often") {
  Stage stage;
  stage.go_stateless();
  for (int i = 0; i < 1000; ++i) stage.server().say("nonsense");
  stage.runtime.run();
  CHECK(stage.violations.size() == 100);
}

TEST_CASE("batches: received where the revision has them, refused elsewhere, never sent") {
  const std::string batch =
      R"([{"jsonrpc":"2.0","id":"p","method":"ping"},{"jsonrpc":"2.0","method":"x/news"},)";
  int heard = 0;
  ClientOptions options;
  options.observer.on_notification = [&](const std::string&, const Json&) { ++heard; };
  SUBCASE("2025-03-26") {
    Stage stage(options);
    stage.go_session(
        R"({"protocolVersion":"2025-03-26","capabilities":{},"serverInfo":{"name":"o","version":"1"}})");
    Box<Json> box;
    stage.client->request("x/y", nullptr, {}, box.callback());
    Json call = stage.hear();
    stage.say(batch + R"({"jsonrpc":"2.0","id":)" + call["id"].dump() + R"(,"result":{"n":1}}])");
    CHECK(box.value()["n"] == 1);
    CHECK(heard == 1);
    CHECK(stage.hear() == Json::parse(R"({"jsonrpc":"2.0","id":"p","result":{}})"));
  }
  SUBCASE("2025-06-18") {
    Stage stage(options);
    stage.go_session(
        R"({"protocolVersion":"2025-06-18","capabilities":{},"serverInfo":{"name":"o","version":"1"}})");
    stage.say(batch + "1]");
    CHECK(heard == 0);
    Json refusal = stage.hear();
    CHECK(refusal["error"]["code"] == -32600);
    CHECK(refusal["id"] == nullptr);
  }
  SUBCASE("2026-07-28: no answer at all") {
    Stage stage(options);
    stage.go_stateless();
    stage.say(batch + "1]");
    CHECK(heard == 0);
    CHECK(stage.hear() == nullptr);
    CHECK(stage.violations.size() == 1);
  }
}

TEST_CASE("an empty batch, and a batch of what is no message, are answered and reported") {
  auto session = [](const std::string& date) {
    auto stage = std::make_unique<Stage>();
    stage->go_session(R"({"protocolVersion":")" + date +
                      R"(","capabilities":{},"serverInfo":{"name":"o","version":"1"}})");
    return stage;
  };
  for (const char* date : {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"}) {
    CAPTURE(date);
    auto stage = session(date);
    Box<Json> box;
    stage->client->request("x/y", nullptr, {}, box.callback());
    Json call = stage->hear();
    stage->say(" []");
    Json refusal = stage->hear();
    CHECK(refusal["error"]["code"] == -32600);
    CHECK(refusal.contains("id") == (std::string(date) != "2025-11-25"));
    CHECK(stage->violations.size() == 1);
    CHECK(stage->hear() == nullptr);
    stage->answer(call["id"], R"({"n":1})");
    CHECK(box.value()["n"] == 1);
  }
  SUBCASE("too many items: one refusal, and nothing of it is done") {
    auto stage = session("2025-03-26");
    std::string batch = "[";
    for (int i = 0; i < 101; ++i) {
      batch += (i == 0 ? "" : ",") +
               (R"({"jsonrpc":"2.0","method":"ping","id":)" + std::to_string(i) + "}");
    }
    stage->say(batch + "]");
    Json refusal = stage->hear();
    CHECK(refusal["error"]["code"] == -32600);
    CHECK(refusal["id"] == nullptr);
    CHECK(stage->hear() == nullptr);
    CHECK(stage->violations.size() == 1);
  }
  SUBCASE("items that are no messages: one refusal each, and the rest is done") {
    auto stage = session("2025-03-26");
    stage->say(R"([1,{"foo":"boo"},{"jsonrpc":"2.0","id":"p","method":"ping"}])");
    for (int i = 0; i < 2; ++i) {
      Json refusal = stage->hear();
      CHECK(refusal["error"]["code"] == -32600);
      CHECK(refusal["id"] == nullptr);
    }
    CHECK(stage->hear()["result"] == Json::object());
    CHECK(stage->violations.size() == 2);
  }
  SUBCASE("only notifications and answers: no answer") {
    auto stage = session("2025-03-26");
    stage->say(R"([{"jsonrpc":"2.0","method":"x/a"},{"jsonrpc":"2.0","id":77,"result":{}}])");
    CHECK(stage->hear() == nullptr);
    CHECK(stage->violations.size() == 1);  // nobody asked for 77
  }
  SUBCASE("the stateless era takes no answers: it is only reported") {
    Stage stage;
    stage.go_stateless();
    stage.say("[]");
    CHECK(stage.hear() == nullptr);
    CHECK(stage.violations.size() == 1);
  }
}

TEST_CASE("session: requests in the wrong shape") {
  Stage stage;
  stage.go_session();
  auto code = [&](const std::string& line) {
    stage.say(line);
    Json answer = stage.hear();
    return answer.is_null() ? Json() : answer["error"]["code"];
  };
  // A notification's name with an id: it is a request, and there is none of that name.
  CHECK(code(R"({"jsonrpc":"2.0","id":1,"method":"notifications/progress"})") == -32601);
  CHECK(code(R"({"jsonrpc":"2.0","id":1,"method":"notifications/tools/list_changed"})") == -32601);
  CHECK(code(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x"}})") == -32601);
  CHECK(code(R"({"jsonrpc":"2.0","id":"","method":"initialize"})") == -32601);
  CHECK(stage.violations.empty());
  CHECK(code(R"({"jsonrpc":"2.0","id":1,"method":5})") == -32600);
  CHECK(code(R"({"jsonrpc":"2.0","id":1,"method":"ping","params":"p"})") == -32600);
  CHECK(code(R"({"jsonrpc":"2.0","id":1,"method":"ping","result":{}})") == -32600);
  CHECK(code(R"({"id":1,"method":"ping"})") == -32600);
  CHECK(stage.violations.size() == 4);
  // Ids that are none can't be answered.
  for (const char* id : {"null", "1.5", "true", "[1]", "{}"}) {
    CAPTURE(id);
    CHECK(code(std::string(R"({"jsonrpc":"2.0","method":"ping","id":)") + id + "}") == nullptr);
  }
  CHECK(stage.violations.size() == 9);
  // A request's name without an id.
  CHECK(code(R"({"jsonrpc":"2.0","method":"roots/list"})") == nullptr);
  CHECK(stage.violations.back() ==
        "the request roots/list came without an id: it can't be answered; ignored");
  // Names of notifications that nobody knows are no violation.
  CHECK(code(R"({"jsonrpc":"2.0","method":"notifications/x"})") == nullptr);
  CHECK(stage.violations.size() == 10);
  stage.say(R"({"jsonrpc":"2.0","id":"same as the first","method":"ping"})");
  CHECK(stage.hear()["id"] == "same as the first");
}

TEST_CASE("answers with ids that are none are reported") {
  Stage stage;
  stage.go_session();
  Box<Json> box;
  stage.client->request("x/y", nullptr, {}, box.callback());
  const Json call = stage.hear();
  const std::string number = call["id"].dump();
  std::size_t told = 0;
  for (const std::string& id : {std::string("null"), number + ".5", "[" + number + "]",
                                std::string("true"), std::string("{}"), std::string("\"\""),
                                "-" + number, std::string("99999999999999999999999999")}) {
    CAPTURE(id);
    stage.say(R"({"jsonrpc":"2.0","result":{},"id":)" + id + "}");
    CHECK(stage.violations.size() == ++told);
  }
  stage.say(R"({"jsonrpc":"2.0","result":{}})");
  stage.say(R"({"jsonrpc":"2.0","error":{"code":-32600,"message":"what?"},"id":null})");
  CHECK(stage.violations.back() == "an error without id came: what?");
  CHECK(stage.violations.size() == told + 2);
  CHECK(stage.hear() == nullptr);
  CHECK(box.empty());
  stage.answer(call["id"], "{}");
  CHECK(box.ok());
}

TEST_CASE("session: a malformed request with an id is answered, too many open ones are refused") {
  ClientOptions options;
  options.limits.open_asks = 1;
  options.handlers.roots = [](auto&) { return std::vector<Root>{}; };
  Stage stage(options);
  stage.go_session();
  stage.say(R"({"jsonrpc":"1.0","id":5,"method":"ping"})");
  CHECK(stage.hear()["error"]["code"] == -32600);
  stage.server().say(R"({"jsonrpc":"2.0","id":1,"method":"roots/list"})");
  stage.server().say(R"({"jsonrpc":"2.0","id":1,"method":"roots/list"})");
  stage.server().say(R"({"jsonrpc":"2.0","id":2,"method":"roots/list"})");
  stage.runtime.run();
  CHECK(stage.hear()["error"]["message"] == "a request with this id is being answered already");
  CHECK(stage.hear()["error"]["code"] == -32603);
  CHECK(stage.hear()["result"]["roots"] == Json::array());
}

TEST_CASE("malformed notifications are reported") {
  Stage stage;
  stage.go_stateless();
  for (const char* line :
       {R"({"jsonrpc":"2.0","method":"notifications/progress","params":{}})",
        R"({"jsonrpc":"2.0","method":"notifications/progress","params":[1]})",
        R"({"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":5}})",
        R"({"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged"})"}) {
    stage.say(line);
  }
  CHECK(stage.violations.size() == 4);
}
