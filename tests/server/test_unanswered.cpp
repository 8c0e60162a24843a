// Questions that are not answered, can't be asked, or come at a bad time.

#include "asking.h"

TEST_CASE("cancelling while a question is open") {
  Asking asking;
  Wire wire(asking.server);
  wire.initialize();
  wire.ask(call("7", "greet"));
  CHECK(
      wire.ask(
          R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}})") ==
      R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"reason":"the call is over","requestId":1}})");
  // A late answer finds nobody.
  CHECK(
      wire.say(R"({"jsonrpc":"2.0","id":1,"result":{"action":"accept","content":{"name":"Ada"}}})")
          .empty());
  CHECK(asking.runs == 1);
  wire.ask(call("7", "greet"));  // the id is free again
}

TEST_CASE("a question that nobody answers in time") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  server.tool("form", "", [](const None&, Context& ctx) -> ToolResult {
    return mcp::text(ctx.elicit<Name>("n", "Name?").cancelled() ? "cancelled" : "?");
  });
  server.tool("sample", "", [](const None&, Context& ctx) -> ToolResult {
    ctx.sample("s", {.messages = {mcp::sampling_text(mcp::Role::user, "Hi")}});
    return {};
  });
  Wire wire(server);
  wire.initialize();
  wire.ask(call("7", "form"));
  wire.runtime.advance(std::chrono::minutes(10) - std::chrono::seconds(1));
  CHECK(wire.heard().empty());
  wire.runtime.advance(std::chrono::seconds(1));
  CHECK(
      wire.heard() ==
      std::vector<std::string>{
          R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"reason":"not answered in time","requestId":1}})",
          text_result("7", "cancelled")});
  wire.ask(call("8", "sample"));
  wire.runtime.advance(std::chrono::minutes(10));
  CHECK(
      wire.heard() ==
      std::vector<std::string>{
          R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"reason":"not answered in time","requestId":2}})",
          R"({"jsonrpc":"2.0","id":8,"error":{"code":-32603,"message":"no response within 600 s"}})"});
}

TEST_CASE("a client that lacks the capability") {
  Asking asking;
  asking.server.tool("needs_model", "", [](const None&) { return std::string("ran"); },
                     {.requires_capability = {mcp::ClientFeature::sampling}});
  asking.server.prompt({.name = "ask"}, [](const mcp::PromptArguments&, Context& ctx) {
    ctx.roots();
    return mcp::PromptResult{};
  });
  Wire wire(asking.server);

  SUBCASE("stateless era: an error that names it") {
    CHECK(
        wire.ask(modern("1", "tools/call", R"("name":"needs_model")", "{}")) ==
        R"x({"jsonrpc":"2.0","id":1,"error":{"code":-32021,"message":"the client does not lend its model (capability sampling)","data":{"requiredCapabilities":{"sampling":{}}}}})x");
    CHECK(
        wire.ask(modern("2", "tools/call", R"("name":"greet")", R"({"sampling":{}})")) ==
        R"x({"jsonrpc":"2.0","id":2,"error":{"code":-32021,"message":"the client can not show a form (capability elicitation.form)","data":{"requiredCapabilities":{"elicitation":{"form":{}}}}}})x");
    // Nothing is asked when one of several questions can't be.
    CHECK(wire.ask(modern("3", "tools/call", R"("name":"three_at_once")", R"({"elicitation":{}})"))
              .find(R"("code":-32021)") != std::string::npos);
    CHECK(wire.ask(modern("4", "tools/call", R"("name":"needs_model")", R"({"sampling":{}})")) ==
          modern_text_result("4", "ran"));
  }
  SUBCASE("session era: a failure that the model reads, an error for the rest") {
    wire.initialize("2025-11-25", "{}");
    CHECK(
        wire.ask(call("1", "needs_model")) ==
        R"x({"jsonrpc":"2.0","id":1,"result":{"content":[{"text":"the client does not lend its model (capability sampling)","type":"text"}],"isError":true}})x");
    CHECK(wire.ask(call("2", "greet")).find(R"("isError":true)") != std::string::npos);
    CHECK(wire.ask(R"({"jsonrpc":"2.0","id":3,"method":"prompts/get","params":{"name":"ask"}})")
              .find(R"("error":{"code":-32603)") != std::string::npos);
  }
  SUBCASE("`elicitation: {}` means form only") {
    wire.initialize("2025-11-25", R"({"elicitation":{}})");
    CHECK(wire.ask(call("1", "greet")).find("elicitation/create") != std::string::npos);
  }
  SUBCASE("a revision without elicitation has none, whatever the client says") {
    wire.initialize("2025-03-26", R"({"elicitation":{}})");
    CHECK(wire.ask(call("1", "greet")).find(R"("isError":true)") != std::string::npos);
  }
}

TEST_CASE("a call asks at most 32 times") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  server.tool("for_ever", "", [](const None&, Context& ctx) -> ToolResult {
    for (int i = 0;; ++i) ctx.elicit<Sure>("q" + std::to_string(i), "More?");
  });
  Wire wire(server);
  wire.initialize();
  wire.ask(call("7", "for_ever"));
  std::string last;
  int asked = 1;
  for (; asked <= 40; ++asked) {
    last = wire.ask(R"({"jsonrpc":"2.0","id":)" + std::to_string(asked) +
                    R"(,"result":{"action":"accept","content":{"sure":true}}})");
    if (last.find("elicitation/create") == std::string::npos) break;
  }
  CHECK(asked == 32);
  CHECK(
      last ==
      R"({"jsonrpc":"2.0","id":7,"error":{"code":-32603,"message":"tools/call 'for_ever' asked the client more than 32 times"}})");
}

TEST_CASE("a replay is never refused by a full queue") {
  Asking asking;
  Wire wire(asking.server, {.queue_limit = 1});
  wire.initialize();
  wire.ask(call("7", "greet"));
  wire.post(call("8", "greet"));
  wire.runtime.run_loop();  // fills the queue
  wire.post(R"({"jsonrpc":"2.0","id":1,"result":{"action":"accept","content":{"name":"Ada"}}})");
  wire.post(call("9", "greet"));
  wire.runtime.run();
  const auto lines = wire.heard();
  REQUIRE(lines.size() == 3);
  CHECK(
      lines[0] ==
      R"({"jsonrpc":"2.0","id":9,"error":{"code":-32603,"message":"the server is busy: try again later","data":{"retryAfterMs":1000}}})");
  CHECK(lines[2] == text_result("7", "Hello, Ada!"));
}

TEST_CASE("a call that is repeated with its state is never refused by a full queue") {
  Asking asking;
  Wire wire(asking.server, {.queue_limit = 1});
  const std::string ada = R"({"user_name":{"action":"accept","content":{"name":"Ada"}}})";
  const std::string state = state_of(wire.ask(modern_call("1", "greet")));
  wire.post(modern_call("2", "greet"));
  wire.runtime.run_loop();  // fills the queue
  wire.post(modern_call("3", "greet", retry(ada, state)));
  // A state that is not ours, and answers without one, prove nothing.
  wire.post(modern_call("4", "greet", retry(ada, state + "AAAA")));
  wire.post(modern_call("5", "greet", R"(,"inputResponses":)" + ada));
  wire.runtime.run();
  const auto lines = wire.heard();
  REQUIRE(lines.size() == 4);
  CHECK(lines[0].starts_with(R"({"jsonrpc":"2.0","id":4,"error":{"code":-32602)"));
  CHECK(
      lines[1] ==
      R"({"jsonrpc":"2.0","id":5,"error":{"code":-32603,"message":"the server is busy: try again later","data":{"retryAfterMs":1000}}})");
  CHECK(lines[2].find(R"("id":2)") != std::string::npos);
  CHECK(lines[3] == modern_text_result("3", "Hello, Ada!"));
}
