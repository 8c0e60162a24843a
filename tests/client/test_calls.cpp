#include "scripted_server.h"

using namespace mcp;
using namespace mcp::test;
using namespace std::chrono_literals;

TEST_CASE("a tool call of the stateless era carries who asks, and takes the result") {
  Stage stage;
  stage.go_stateless();
  Box<ToolResult> box;
  stage.client->call_tool("echo", {{"text", "hi"}}, {.meta = {{"traceparent", "00-1-2-01"}}},
                          box.callback());
  Json call = stage.hear();
  CHECK(call["method"] == "tools/call");
  CHECK(call["params"] == Json::parse(R"({"name":"echo","arguments":{"text":"hi"},
                        "_meta":{"traceparent":"00-1-2-01",
                        "io.modelcontextprotocol/protocolVersion":"2026-07-28",
                        "io.modelcontextprotocol/clientInfo":{"name":"tester","version":"1"},
                        "io.modelcontextprotocol/clientCapabilities":{"extensions":
                            {"io.modelcontextprotocol/tasks":{}}}}})"));
  stage.answer(call["id"], R"({"resultType":"complete","content":[{"type":"text","text":"hi"}]})");
  CHECK(to_text(box.value().content.at(0)) == "hi");
}

TEST_CASE("a tool call of the session era carries none of it") {
  Stage stage;
  stage.go_session();
  Box<ToolResult> box;
  stage.client->call_tool("echo", {{"text", "hi"}}, {}, box.callback());
  Json call = stage.hear();
  CHECK(call["params"] == Json::parse(R"({"name":"echo","arguments":{"text":"hi"}})"));
  stage.answer(call["id"], R"({"content":[{"type":"text","text":"no"}],"isError":true})");
  CHECK(box.value().is_error);
}

TEST_CASE("calls made before the server is known go out when it is") {
  Stage stage;
  Box<ToolResult> box;
  stage.client->call_tool("echo", Json::object(), {}, box.callback());
  stage.runtime.run();
  stage.go_stateless();
  CHECK(stage.hear()["method"] == "tools/call");
}

TEST_CASE("several calls at once: each gets its own answer, in any order") {
  Stage stage;
  stage.go_stateless();
  Box<Json> first, second;
  stage.client->request("x/one", nullptr, {}, first.callback());
  stage.client->request("x/two", {{"a", 1}}, {}, second.callback());
  Json one = stage.hear();
  Json two = stage.hear();
  CHECK(one["id"] != two["id"]);
  stage.answer(two["id"], R"({"resultType":"complete","n":2})");
  CHECK(first.empty());
  stage.answer(one["id"], R"({"resultType":"complete","n":1})");
  CHECK(first.value()["n"] == 1);
  CHECK(second.value()["n"] == 2);
}

TEST_CASE("an error that the server answers keeps its code and data") {
  Stage stage;
  stage.go_stateless();
  Box<ToolResult> box;
  stage.client->call_tool("nope", Json::object(), {}, box.callback());
  stage.answer_error(stage.hear()["id"],
                     R"({"code":-32602,"message":"unknown tool","data":{"name":"nope"}})");
  CHECK(box.error().kind() == CallError::Kind::answered);
  CHECK(box.error().code() == -32602);
  CHECK(std::string(box.error().what()) == "unknown tool");
  CHECK(box.error().data()["name"] == "nope");
}

TEST_CASE("a call that times out is cancelled, and its late answer ignored") {
  Stage stage;
  SUBCASE("stateless") {
    stage.go_stateless();
  }
  SUBCASE("session") {
    stage.go_session();
  }
  Box<ToolResult> box;
  stage.client->call_tool("slow", Json::object(), {}, box.callback());
  Json call = stage.hear();
  stage.runtime.advance(59999ms);
  CHECK(box.empty());
  stage.runtime.advance(1ms);
  CHECK(box.error().kind() == CallError::Kind::timed_out);
  CHECK(std::string(box.error().what()) == "tools/call: no response within 60 s");
  Json cancelled = stage.hear();
  CHECK(cancelled["method"] == "notifications/cancelled");
  CHECK(cancelled["params"]["requestId"] == call["id"]);
  stage.answer(call["id"], R"({"resultType":"complete","content":[]})");
  CHECK(stage.violations.empty());
}

TEST_CASE("progress extends a call, up to its maximum; what does not grow is no progress") {
  Stage stage;
  stage.go_stateless();
  std::vector<double> seen;
  Box<ToolResult> box;
  CallOptions options;
  options.timeout = 10s;
  options.max_timeout = 25s;
  options.on_progress = [&](const Progress& progress) { seen.push_back(progress.progress); };
  stage.client->call_tool("slow", Json::object(), options, box.callback());
  Json call = stage.hear();
  Json token = call["params"]["_meta"]["progressToken"];
  CHECK(token == call["id"]);
  auto progress = [&](const std::string& value) {
    stage.say(R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":)" +
              token.dump() + R"(,"progress":)" + value + R"(,"total":10}})");
  };
  stage.runtime.advance(9s);
  progress("1");
  stage.runtime.advance(9s);
  progress("2");
  progress("2");
  progress("0.5");
  CHECK(box.empty());
  stage.runtime.advance(6999ms);
  CHECK(box.empty());
  stage.runtime.advance(1ms);
  CHECK(box.error().kind() == CallError::Kind::timed_out);
  CHECK(seen == std::vector<double>{1, 2});
  progress("3");
  CHECK(seen.size() == 2);
}

TEST_CASE("progress that nobody asked for keeps no call alive") {
  Stage stage;
  SUBCASE("stateless") {
    stage.go_stateless();
  }
  SUBCASE("session") {
    stage.go_session();
  }
  Box<ToolResult> box;
  stage.client->call_tool("slow", Json::object(), {.timeout = 10s}, box.callback());
  Json call = stage.hear();
  CHECK_FALSE(call["params"].value("_meta", Json::object()).contains("progressToken"));
  for (int second = 1; second < 10; ++second) {
    stage.runtime.advance(1s);
    stage.say(R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":)" +
              call["id"].dump() + R"(,"progress":)" + std::to_string(second) + "}}");
  }
  stage.runtime.advance(999ms);
  CHECK(box.empty());
  stage.runtime.advance(1ms);
  CHECK(box.error().kind() == CallError::Kind::timed_out);
}

TEST_CASE("-32022 on a call: the versions are negotiated again and the call is repeated once") {
  Stage stage;
  stage.go_stateless();
  Box<ToolResult> pay, buy;
  stage.client->call_tool("pay", {{"n", 1}}, {}, pay.callback());
  stage.client->call_tool("buy", Json::object(), {}, buy.callback());
  Json first = stage.hear();
  Json second = stage.hear();
  auto refuse = [&](const Json& call, const char* versions) {
    stage.answer_error(call["id"],
                       std::string(R"({"code":-32022,"message":"not that","data":{"supported":[)") +
                           versions + R"(],"requested":"2026-07-28"}})");
  };
  refuse(first, R"("2026-07-28","2025-11-25")");
  Json probe = stage.hear();
  REQUIRE(probe["method"] == "server/discover");
  SUBCASE("the same version after all; others join") {
    refuse(second, R"("2026-07-28")");
    CHECK(stage.hear() == nullptr);
    stage.answer(probe["id"], discover_answer);
    Json again = stage.hear();
    CHECK(again["params"]["arguments"] == Json{{"n", 1}});
    CHECK(again["id"] != first["id"]);
    stage.answer(again["id"], R"({"resultType":"complete","content":[]})");
    CHECK(pay.ok());
    Json other = stage.hear();
    CHECK(other["params"]["name"] == "buy");
    refuse(other, R"("2026-07-28")");
    CHECK(buy.error().code() == -32022);
    CHECK(stage.hear() == nullptr);
  }
  SUBCASE("only a session now") {
    stage.answer_error(probe["id"], R"({"code":-32601,"message":"Method not found"})");
    Json initialize = stage.hear();
    CHECK(initialize["method"] == "initialize");
    // What is on its way goes on meanwhile.
    stage.answer(second["id"], R"({"resultType":"complete","content":[]})");
    CHECK(buy.ok());
    stage.answer(initialize["id"], initialize_answer);
    CHECK(stage.hear()["method"] == "notifications/initialized");
    Json again = stage.hear();
    CHECK(again["params"] == Json::parse(R"({"name":"pay","arguments":{"n":1}})"));
    stage.answer(again["id"], R"({"content":[]})");
    CHECK(pay.ok());
    CHECK(stage.client->server().era() == Era::session);
  }
  SUBCASE("nothing in common: the call fails, the client lives") {
    refuse(probe, R"("2099-01-01")");
    CHECK(pay.error().code() == -32022);
    CHECK(pay.error().data()["requested"] == "2026-07-28");
    CHECK(stage.hear() == nullptr);
    stage.answer(second["id"], R"({"resultType":"complete","content":[]})");
    CHECK(buy.ok());
  }
  SUBCASE("the server dies meanwhile") {
    stage.server().die();
    stage.runtime.run();
    CHECK(pay.error().code() == -32022);
    CHECK(buy.error().kind() == CallError::Kind::outcome_unknown);
  }
  SUBCASE("the client is closed meanwhile") {
    stage.client->close(nullptr);
    stage.runtime.run();
    CHECK(pay.error().kind() == CallError::Kind::closed);
  }
}

TEST_CASE("-32022 without its data, or in the session era, is an error like any other") {
  Stage stage;
  std::string error = R"({"code":-32022,"message":"odd"})";
  SUBCASE("stateless") {
    stage.go_stateless();
  }
  SUBCASE("session") {
    stage.go_session();
    error = R"({"code":-32022,"message":"odd","data":{"supported":["2026-07-28"]}})";
  }
  Box<ToolResult> box;
  stage.client->call_tool("pay", Json::object(), {}, box.callback());
  stage.answer_error(stage.hear()["id"], error);
  CHECK(box.error().code() == -32022);
  CHECK(stage.hear() == nullptr);
}

TEST_CASE("-32020 on a tool call: the tools are listed afresh and the call is repeated once") {
  Stage stage;
  stage.go_stateless();
  const std::string tools =
      R"({"resultType":"complete","ttlMs":60000,"cacheScope":"public","tools":[{"name":"pay","inputSchema":{"type":"object"}}]})";
  const std::string mismatch = R"({"code":-32020,"message":"Mcp-Param-Region is missing"})";
  Box<std::vector<Tool>> listed;
  stage.client->list_tools({}, listed.callback());
  stage.answer(stage.hear()["id"], tools);
  Box<ToolResult> box;
  stage.client->call_tool("pay", Json::object(), {}, box.callback());
  stage.answer_error(stage.hear()["id"], mismatch);
  Json list = stage.hear();
  REQUIRE(list["method"] == "tools/list");  // although it is in the cache
  SUBCASE("then it works") {
    stage.answer(list["id"], tools);
    Json again = stage.hear();
    CHECK(again["method"] == "tools/call");
    stage.answer(again["id"], R"({"resultType":"complete","content":[]})");
    CHECK(box.ok());
  }
  SUBCASE("then it does not") {
    stage.answer(list["id"], tools);
    stage.answer_error(stage.hear()["id"], mismatch);
    CHECK(box.error().code() == -32020);
  }
  SUBCASE("there is no list") {
    stage.answer_error(list["id"], R"({"code":-32603,"message":"no"})");
    CHECK(box.error().code() == -32020);
  }
  CHECK(stage.hear() == nullptr);
}

TEST_CASE("a stop token gives the call up and tells the server") {
  Stage stage;
  stage.go_stateless();
  std::stop_source stop;
  Box<ToolResult> box;
  stage.client->call_tool("slow", Json::object(), {.stop = stop.get_token()}, box.callback());
  Json call = stage.hear();
  stop.request_stop();
  Json cancelled = stage.hear();
  CHECK(cancelled["method"] == "notifications/cancelled");
  CHECK(cancelled["params"]["requestId"] == call["id"]);
  CHECK(box.error().kind() == CallError::Kind::stopped);
}

TEST_CASE("a blocking call on the loop's thread is a stated error") {
  Stage stage;
  stage.go_stateless();
  std::string text;
  stage.runtime.loop().post([&] {
    try {
      stage.client->call_tool("echo");
    } catch (const std::logic_error& error) {
      text = error.what();
    }
  });
  stage.runtime.run();
  CHECK(text ==
        "a blocking call of mcp::Client on the loop's own thread would wait for ever: use the form "
        "with a callback");
}

TEST_CASE("too many calls are refused, and the others live") {
  ClientOptions options;
  options.limits.pending_calls = 2;
  Stage stage(options);
  stage.go_stateless();
  Box<Json> one, two, three;
  stage.client->request("x/1", nullptr, {}, one.callback());
  stage.client->request("x/2", nullptr, {}, two.callback());
  stage.client->request("x/3", nullptr, {}, three.callback());
  stage.runtime.run();
  CHECK(three.error().kind() == CallError::Kind::limit);
  stage.answer(stage.hear()["id"], "{}");
  CHECK(one.ok());
}

TEST_CASE("what a revision lacks is said, not sent") {
  Stage stage;
  stage.go_stateless();
  Box<Done> ping;
  stage.client->ping({}, ping.callback());
  stage.runtime.run();
  CHECK(ping.error().kind() == CallError::Kind::unsupported);
  CHECK(std::string(ping.error().what()) == "revision 2026-07-28 has no request ping");
  CHECK(stage.hear() == nullptr);
}

TEST_CASE("the log level is told once in the session era, with each call in the stateless era") {
  Stage stage;
  Box<Done> done;
  SUBCASE("session") {
    stage.go_session();
    stage.client->set_logging_level(LoggingLevel::warning, {}, done.callback());
    Json told = stage.hear();
    CHECK(told["method"] == "logging/setLevel");
    CHECK(told["params"] == Json::parse(R"({"level":"warning"})"));
    stage.answer(told["id"], "{}");
    CHECK(done.ok());
  }
  SUBCASE("stateless") {
    stage.go_stateless();
    stage.client->set_logging_level(LoggingLevel::warning, {}, done.callback());
    CHECK(stage.hear() == nullptr);
    CHECK(done.ok());
    Box<Json> one, two;
    stage.client->request("x/y", nullptr, {.log_level = LoggingLevel::debug}, one.callback());
    stage.client->request("x/y", nullptr, {}, two.callback());
    CHECK(stage.hear()["params"]["_meta"]["io.modelcontextprotocol/logLevel"] == "debug");
    CHECK(stage.hear()["params"]["_meta"]["io.modelcontextprotocol/logLevel"] == "warning");
  }
}

TEST_CASE("middlewares see, change and refuse what goes out, and drop what comes in") {
  ClientOptions options;
  options.middleware.push_back(
      {.outgoing =
           [](jsonrpc::Request& request) {
             if (request.method == "x/forbidden") throw Error(-32600, "not allowed here");
             if (request.method == "x/changed") request.params["added"] = true;
           },
       .incoming =
           [](jsonrpc::Message& message) {
             auto* notification = std::get_if<jsonrpc::Notification>(&message);
             return notification == nullptr || notification->method != "x/noise";
           }});
  int heard = 0;
  options.observer.on_notification = [&](const std::string&, const Json&) { ++heard; };
  Stage stage(options);
  stage.go_stateless();
  Box<Json> forbidden, changed;
  stage.client->request("x/forbidden", nullptr, {}, forbidden.callback());
  stage.client->request("x/changed", nullptr, {}, changed.callback());
  CHECK(stage.hear()["params"]["added"] == true);
  CHECK(forbidden.error().kind() == CallError::Kind::refused);
  stage.say(R"({"jsonrpc":"2.0","method":"x/noise"})");
  stage.say(R"({"jsonrpc":"2.0","method":"x/news"})");
  CHECK(heard == 1);
}

TEST_CASE("closing fails what is pending, and says when it is done") {
  Stage stage;
  stage.go_stateless();
  Box<Json> box;
  stage.client->request("x/y", nullptr, {}, box.callback());
  stage.runtime.run();
  bool closed = false;
  stage.client->close([&] { closed = true; });
  stage.runtime.run();
  CHECK(closed);
  CHECK(box.error().kind() == CallError::Kind::closed);
  CHECK(stage.server().gone);
  Box<Json> late;
  stage.client->request("x/y", nullptr, {}, late.callback());
  stage.runtime.run();
  CHECK(late.error().kind() == CallError::Kind::closed);
}

TEST_CASE("structuredContent must fit the output schema, once the tool was listed") {
  Stage stage;
  stage.go_stateless();
  Box<std::vector<Tool>> tools;
  stage.client->list_tools({}, tools.callback());
  stage.answer(stage.hear()["id"],
               R"({"resultType":"complete","ttlMs":0,"cacheScope":"public","tools":[{"name":"sum",
                   "inputSchema":{"type":"object"},
                   "outputSchema":{"type":"object","properties":{"n":{"type":"integer"}},
                   "required":["n"]}}]})");
  CHECK(tools.value().size() == 1);
  auto call = [&](const std::string& result) {
    Box<ToolResult> box;
    stage.client->call_tool("sum", Json::object(), {}, box.callback());
    stage.answer(stage.hear()["id"], result);
    return box;
  };
  CHECK(call(R"({"content":[],"structuredContent":{"n":3}})").ok());
  CHECK(call(R"({"content":[],"isError":true})").ok());
  auto wrong = call(R"({"content":[],"structuredContent":{"n":"3"}})");
  CHECK(wrong.error().kind() == CallError::Kind::invalid_result);
  CHECK(std::string(wrong.error().what()).find("/n") != std::string::npos);
  CHECK(call(R"({"content":[]})").error().kind() == CallError::Kind::invalid_result);
}

TEST_CASE("a tool whose x-mcp-header is invalid is kept: the rule is for HTTP") {
  Stage stage;
  stage.go_stateless();
  Box<std::vector<Tool>> tools;
  stage.client->list_tools({}, tools.callback());
  stage.answer(stage.hear()["id"],
               R"({"resultType":"complete","ttlMs":0,"cacheScope":"public","tools":[{"name":"odd",
                   "inputSchema":{"type":"object","properties":{"a":{"type":"string",
                   "x-mcp-header":"My Region"}}}}]})");
  CHECK(tools.value().at(0).name == "odd");
}
