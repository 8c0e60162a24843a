#include "scripted_server.h"

using namespace mcp;
using namespace mcp::test;
using namespace std::chrono_literals;

TEST_CASE("a call in flight is never repeated; the next one starts the server again") {
  Stage stage(Stage::Reopening{});
  stage.go_stateless();
  Box<ToolResult> lost, next;
  stage.client->call_tool("pay", Json::object(), {}, lost.callback());
  Json call = stage.hear();
  stage.server().die();
  stage.runtime.run();
  CHECK(lost.error().kind() == CallError::Kind::outcome_unknown);
  CHECK(stage.servers.size() == 1);  // nobody waits: no need of a server
  stage.client->call_tool("pay", Json::object(), {}, next.callback());
  stage.runtime.run();
  REQUIRE(stage.servers.size() == 2);
  stage.go_stateless();
  Json again = stage.hear();
  CHECK(again["method"] == "tools/call");
  CHECK(again["id"] != call["id"]);
  CHECK(stage.hear() == nullptr);
}

TEST_CASE("calls that change nothing are sent once more, with a new id, and only once") {
  Stage stage(Stage::Reopening{});
  stage.go_stateless();
  Box<std::vector<Tool>> tools;
  stage.client->list_tools({}, tools.callback());
  stage.answer(stage.hear()["id"],
               R"({"resultType":"complete","ttlMs":0,"cacheScope":"public","tools":[
      {"name":"look","inputSchema":{"type":"object"},"annotations":{"readOnlyHint":true}},
      {"name":"set","inputSchema":{"type":"object"},"annotations":{"idempotentHint":true}},
      {"name":"pay","inputSchema":{"type":"object"},"annotations":{"readOnlyHint":false}}]})");
  Box<ToolResult> look, set, pay;
  Box<ReadResourceResult> read;
  stage.client->call_tool("look", Json::object(), {}, look.callback());
  stage.client->call_tool("set", Json::object(), {}, set.callback());
  stage.client->call_tool("pay", Json::object(), {}, pay.callback());
  stage.client->read_resource("x:1", {}, read.callback());
  Json first = stage.hear();
  stage.server().die();
  stage.runtime.run();
  CHECK(pay.error().kind() == CallError::Kind::outcome_unknown);
  CHECK(look.empty());
  REQUIRE(stage.servers.size() == 2);
  stage.go_stateless();
  Json again = stage.hear();
  CHECK(again["params"]["name"] == "look");
  CHECK(again["id"] != first["id"]);
  CHECK(stage.hear()["params"]["name"] == "set");
  CHECK(stage.hear()["method"] == "resources/read");
  stage.server().die();
  stage.runtime.run();
  CHECK(look.error().kind() == CallError::Kind::outcome_unknown);
  CHECK(set.error().kind() == CallError::Kind::outcome_unknown);
  CHECK(read.error().kind() == CallError::Kind::outcome_unknown);
}

TEST_CASE("a transport that can't be opened again ends with its server") {
  Stage stage;
  stage.go_stateless();
  Box<ReadResourceResult> read;
  stage.client->read_resource("x:1", {}, read.callback());
  stage.runtime.run();
  stage.server().die();
  stage.runtime.run();
  CHECK(read.error().kind() == CallError::Kind::outcome_unknown);
  Box<Json> next;
  stage.client->request("x/y", nullptr, {}, next.callback());
  stage.runtime.run();
  CHECK(next.error().kind() == CallError::Kind::not_connected);
}

TEST_CASE("restarts are bounded, with growing delays, and possible again later") {
  Stage stage(Stage::Reopening{});
  stage.go_stateless();
  stage.server().die();
  stage.runtime.run();
  stage.refuse_to_start = true;
  Box<Json> box;
  stage.client->request("x/y", nullptr, {}, box.callback());
  // At once, after 200 ms, 400 ms and 800 ms.
  stage.runtime.advance(1399ms);
  CHECK(box.empty());
  stage.runtime.advance(1ms);
  CHECK(box.error().kind() == CallError::Kind::not_connected);
  CHECK(std::string(box.error().what()).find("no such program") != std::string::npos);
  Box<Json> soon;
  stage.client->request("x/y", nullptr, {}, soon.callback());
  stage.runtime.run();
  CHECK(soon.error().kind() == CallError::Kind::not_connected);
  stage.refuse_to_start = false;
  stage.runtime.advance(10s);
  Box<Json> later;
  stage.client->request("x/y", nullptr, {}, later.callback());
  stage.runtime.advance(10s);
  REQUIRE(stage.servers.size() == 2);
  stage.go_stateless();
  CHECK(stage.hear()["method"] == "x/y");
}

TEST_CASE("without a restart policy a dead server stays dead") {
  ClientOptions options;
  options.restart.enabled = false;
  Stage stage(Stage::Reopening{}, options);
  stage.go_stateless();
  stage.server().die();
  Box<Json> box;
  stage.runtime.run();
  stage.client->request("x/y", nullptr, {}, box.callback());
  stage.runtime.run();
  CHECK(box.error().kind() == CallError::Kind::not_connected);
  CHECK(stage.servers.size() == 1);
}

TEST_CASE("a restarted session server is initialized at once, and told the log level again") {
  Stage stage(Stage::Reopening{});
  stage.go_session();
  Box<Done> level;
  stage.client->set_logging_level(LoggingLevel::error, {}, level.callback());
  stage.answer(stage.hear()["id"], "{}");
  stage.server().die();
  stage.runtime.run();
  Box<Json> box;
  stage.client->request("x/y", nullptr, {}, box.callback());
  stage.runtime.run();
  REQUIRE(stage.servers.size() == 2);
  REQUIRE(stage.server().heard.front()["method"] == "initialize");
  stage.go_session();
  CHECK(stage.hear()["params"]["level"] == "error");
  CHECK(stage.hear()["method"] == "x/y");
}

TEST_CASE("kept results go with the server") {
  Stage stage(Stage::Reopening{});
  stage.go_stateless();
  Box<std::vector<Tool>> one, two;
  stage.client->list_tools({}, one.callback());
  stage.answer(stage.hear()["id"],
               R"({"resultType":"complete","ttlMs":60000,"cacheScope":"public","tools":[]})");
  stage.server().die();
  stage.runtime.run();
  stage.client->list_tools({}, two.callback());
  stage.runtime.run();
  stage.go_stateless();
  CHECK(stage.hear()["method"] == "tools/list");
}
