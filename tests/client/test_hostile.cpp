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

TEST_CASE("an answer that is half right fails its own call") {
  Stage stage;
  stage.go_stateless();
  Box<Json> box;
  stage.client->request("x/y", nullptr, {}, box.callback());
  Json call = stage.hear();
  stage.say(R"({"jsonrpc":"2.0","id":)" + call["id"].dump() +
            R"(,"result":{},"error":{"code":1,"message":"m"}})");
  CHECK(box.error().kind() == CallError::Kind::invalid_result);
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
