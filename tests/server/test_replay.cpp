// One handler, both eras: what a question looks like on the wire, and what runs again.

#include "asking.h"

TEST_CASE("session era: the question goes out as a request, the handler runs again") {
  Asking asking;
  Wire wire(asking.server);
  wire.initialize();
  CHECK(wire.ask(call("7", "greet")) ==
        R"({"jsonrpc":"2.0","id":1,"method":"elicitation/create","params":)" +
            form("What is your name?") + "}");
  CHECK(wire.runtime.waiting_tasks() == 0);  // nobody waits for the person
  CHECK(wire.ask(
            R"({"jsonrpc":"2.0","id":1,"result":{"action":"accept","content":{"name":"Ada"}}})") ==
        text_result("7", "Hello, Ada!"));
  CHECK(asking.runs == 2);
}

TEST_CASE("stateless era: the question is the result, the answer comes with the next call") {
  Asking asking;
  Wire wire(asking.server);
  const std::string question = wire.ask(modern_call("7", "greet"));
  CHECK(masked(question) ==
        modern_result("7",
                      R"("inputRequests":{"user_name":{"method":"elicitation/create","params":)" +
                          form("What is your name?") + R"(}},"requestState":"STATE")",
                      "input_required"));
  CHECK(wire.ask(modern_call("8", "greet",
                             retry(R"({"user_name":{"action":"accept","content":{"name":"Ada"}}})",
                                   state_of(question)))) == modern_text_result("8", "Hello, Ada!"));
}

TEST_CASE("a declined form is an answer") {
  Asking asking;
  Wire wire(asking.server);
  wire.initialize();
  wire.ask(call("7", "greet"));
  CHECK(wire.ask(R"({"jsonrpc":"2.0","id":1,"result":{"action":"decline"}})") ==
        text_result("7", "Hello, stranger!"));
}

TEST_CASE("two questions: each answer is asked for once, the state carries the first") {
  Asking asking;
  Wire wire(asking.server);

  SUBCASE("session era") {
    wire.initialize();
    wire.ask(call("7", "two"));
    CHECK(
        wire.ask(
            R"({"jsonrpc":"2.0","id":1,"result":{"action":"accept","content":{"name":"Ada"}}})") ==
        R"({"jsonrpc":"2.0","id":2,"method":"elicitation/create","params":)" +
            form("And the cat's?") + "}");
    CHECK(
        wire.ask(
            R"({"jsonrpc":"2.0","id":2,"result":{"action":"accept","content":{"name":"Tom"}}})") ==
        text_result("7", "Ada and Tom"));
  }
  SUBCASE("stateless era") {
    const auto first = wire.ask(modern_call("1", "two"));
    const auto second = wire.ask(modern_call(
        "2", "two",
        retry(R"({"step1":{"action":"accept","content":{"name":"Ada"}}})", state_of(first))));
    CHECK(masked(second) ==
          modern_result("2",
                        R"("inputRequests":{"step2":{"method":"elicitation/create","params":)" +
                            form("And the cat's?") + R"(}},"requestState":"STATE")",
                        "input_required"));
    CHECK(state_of(first) != state_of(second));
    CHECK(wire.ask(modern_call("3", "two",
                               retry(R"({"step2":{"action":"accept","content":{"name":"Tom"}}})",
                                     state_of(second)))) == modern_text_result("3", "Ada and Tom"));
  }
  CHECK(asking.runs == 3);
}

TEST_CASE("several questions go out together; the handler resumes when the last is answered") {
  Asking asking;
  Wire wire(asking.server);
  const std::string sampled =
      R"({"role":"assistant","content":{"type":"text","text":"Good day"},"model":"m"})";
  const std::string roots = R"({"roots":[{"uri":"file:///home"}]})";

  SUBCASE("session era, answered in any order") {
    wire.initialize();
    CHECK(
        wire.say(call("7", "three_at_once")) ==
        std::vector<std::string>{
            R"({"jsonrpc":"2.0","id":1,"method":"elicitation/create","params":)" +
                form("Your name?") + "}",
            R"({"jsonrpc":"2.0","id":2,"method":"sampling/createMessage","params":{"maxTokens":50,"messages":[{"content":{"text":"Greet","type":"text"},"role":"user"}]}})",
            R"({"jsonrpc":"2.0","id":3,"method":"roots/list","params":{}})"});
    CHECK(wire.say(R"({"jsonrpc":"2.0","id":3,"result":)" + roots + "}").empty());
    CHECK(wire.say(R"({"jsonrpc":"2.0","id":2,"result":)" + sampled + "}").empty());
    CHECK(asking.runs == 1);
    CHECK(
        wire.ask(
            R"({"jsonrpc":"2.0","id":1,"result":{"action":"accept","content":{"name":"Ada"}}})") ==
        text_result("7", "Good day Ada at file:///home"));
  }
  SUBCASE("stateless era; only what is missing is asked again") {
    const auto question = wire.ask(modern_call("1", "three_at_once"));
    CHECK(
        masked(question) ==
        modern_result(
            "1",
            R"("inputRequests":{"client_roots":{"method":"roots/list","params":{}},"greeting":{"method":"sampling/createMessage","params":{"maxTokens":50,"messages":[{"content":{"text":"Greet","type":"text"},"role":"user"}]}},"user_name":{"method":"elicitation/create","params":)" +
                form("Your name?") + R"(}},"requestState":"STATE")",
            "input_required"));
    const auto again = wire.ask(
        modern_call("2", "three_at_once",
                    retry(R"({"greeting":)" + sampled + R"(,"client_roots":)" + roots + "}",
                          state_of(question))));
    CHECK(masked(again) ==
          modern_result("2",
                        R"("inputRequests":{"user_name":{"method":"elicitation/create","params":)" +
                            form("Your name?") + R"(}},"requestState":"STATE")",
                        "input_required"));
    CHECK(wire.ask(modern_call(
              "3", "three_at_once",
              retry(R"({"user_name":{"action":"accept","content":{"name":"Ada"}}})",
                    state_of(again)))) == modern_text_result("3", "Good day Ada at file:///home"));
  }
}

TEST_CASE("a question as a value: the handler returns it") {
  Asking asking;
  Wire wire(asking.server);
  const auto question = wire.ask(modern_call("1", "drop", "", R"({"table":"t"})"));
  CHECK(
      masked(question) ==
      modern_result(
          "1",
          R"("inputRequests":{"confirm":{"method":"elicitation/create","params":{"message":"Really drop t?","requestedSchema":{"properties":{"sure":{"type":"boolean"}},"required":["sure"],"type":"object"}}}},"requestState":"STATE")",
          "input_required"));
  const std::string yes = R"({"confirm":{"action":"accept","content":{"sure":true}}})";

  SUBCASE("the same state sent twice gives the same answer") {
    const auto again = modern_call("2", "drop", retry(yes, state_of(question)), R"({"table":"t"})");
    CHECK(wire.ask(again) == modern_text_result("2", "dropped"));
    CHECK(wire.ask(again) == modern_text_result("2", "dropped"));
  }
  SUBCASE(
      "the order of members in the arguments does not matter, an absent state does not either") {
    CHECK(wire.ask(modern_call("2", "drop", R"(,"inputResponses":)" + yes, R"({"table":"t"})")) ==
          modern_text_result("2", "dropped"));
  }
  SUBCASE("changed arguments: the consent was for something else") {
    CHECK(
        wire.ask(
            modern_call("2", "drop", retry(yes, state_of(question)), R"({"table":"other"})")) ==
        R"({"jsonrpc":"2.0","id":2,"error":{"code":-32602,"message":"requestState was altered, or belongs to another call or caller: call again without requestState"}})");
  }
  SUBCASE("another tool") {
    CHECK(wire.ask(modern_call("2", "greet", retry(yes, state_of(question)), R"({"table":"t"})"))
              .find(R"("code":-32602)") != std::string::npos);
  }
  SUBCASE("tampered") {
    CHECK(wire.ask(modern_call("2", "drop", retry(yes, state_of(question) + "-TAMPERED"),
                               R"({"table":"t"})"))
              .find(R"("code":-32602)") != std::string::npos);
  }
  SUBCASE("expired") {
    wire.runtime.advance(std::chrono::minutes(15));
    CHECK(
        wire.ask(modern_call("2", "drop", retry(yes, state_of(question)), R"({"table":"t"})")) ==
        R"({"jsonrpc":"2.0","id":2,"error":{"code":-32602,"message":"requestState has expired: call again without requestState"}})");
  }
  SUBCASE("not quite expired") {
    wire.runtime.advance(std::chrono::minutes(14));
    CHECK(wire.ask(modern_call("2", "drop", retry(yes, state_of(question)), R"({"table":"t"})")) ==
          modern_text_result("2", "dropped"));
  }
}

TEST_CASE("an answer that does not fit") {
  Asking asking;
  Wire wire(asking.server);

  SUBCASE("stateless era: the question is asked again") {
    const auto question = wire.ask(modern_call("1", "greet"));
    for (const char* wrong :
         {"12345", R"({"action":"accept","content":{"name":5}})", R"({"action":"accept"})", "[]"}) {
      const auto again = wire.ask(modern_call(
          "2", "greet", retry(R"({"user_name":)" + std::string(wrong) + "}", state_of(question))));
      CHECK(again.find(R"("resultType":"input_required")") != std::string::npos);
    }
    // An unknown key is ignored; a missing one is asked again.
    const auto again =
        wire.ask(modern_call("3", "greet", R"(,"inputResponses":{"other":{"action":"cancel"}})"));
    CHECK(again.find(R"("inputRequests":{"user_name")") != std::string::npos);
    CHECK(wire.ask(modern_call("4", "greet", R"(,"inputResponses":null)"))
              .find(R"("resultType":"complete")") == std::string::npos);
  }
  SUBCASE("session era: the client's mistake is an error for the handler") {
    wire.initialize();
    wire.ask(call("7", "greet"));
    CHECK(
        wire.ask(R"({"jsonrpc":"2.0","id":1,"result":{"action":"accept","content":{"name":5}}})") ==
        R"({"jsonrpc":"2.0","id":7,"error":{"code":-32602,"message":"the client's answer to 'user_name' does not fit: /content: /name: must be string, not integer 5"}})");
  }
}

TEST_CASE("what the client leaves out has its default") {
  struct Order {
    std::string dish;
    int portions = 2;
  };
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  server.tool("typed", "", [](const None&, Context& ctx) -> ToolResult {
    const auto order = ctx.elicit<Order>("order", "What?");
    return mcp::text(std::to_string(order->portions) + " " + order->dish);
  });
  server.tool("raw", "", [](const None&, Context& ctx) -> ToolResult {
    const auto order = ctx.elicit("order", "What?", mcp::Json::parse(R"({
      "type": "object",
      "properties": {"dish": {"type": "string"}, "portions": {"type": "integer", "default": 2}},
      "required": ["dish"]
    })"));
    return mcp::text((*order)["portions"].dump() + " " + (*order)["dish"].get<std::string>());
  });
  Wire wire(server);
  wire.initialize();
  wire.ask(call("7", "typed"));
  CHECK(wire.ask(
            R"({"jsonrpc":"2.0","id":1,"result":{"action":"accept","content":{"dish":"soup"}}})") ==
        text_result("7", "2 soup"));
  wire.ask(call("8", "raw"));
  CHECK(wire.ask(
            R"({"jsonrpc":"2.0","id":2,"result":{"action":"accept","content":{"dish":"soup"}}})") ==
        text_result("8", "2 soup"));
}

TEST_CASE("an error answer is thrown from ctx") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  server.tool("ask", "", [](const None&, Context& ctx) -> ToolResult {
    try {
      ctx.roots();
    } catch (const mcp::Error& error) {
      return mcp::error_text(std::to_string(error.code()) + " " + error.what());
    }
    return {};
  });
  Wire wire(server);
  wire.initialize();
  wire.ask(call("7", "ask"));
  CHECK(
      wire.ask(R"({"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"not now"}})") ==
      R"({"jsonrpc":"2.0","id":7,"result":{"content":[{"text":"-1 not now","type":"text"}],"isError":true}})");
}

TEST_CASE("a changed question is asked again") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  std::string price = "10";
  server.tool("buy", "", [&price](const None&, Context& ctx) -> ToolResult {
    auto sure = ctx.elicit<Sure>("confirm", "Buy for " + price + "?");
    return mcp::text((sure.accepted() ? "bought for " : "not bought for ") + price);
  });
  Wire wire(server);
  const std::string yes = R"({"confirm":{"action":"accept","content":{"sure":true}}})";
  const auto question = wire.ask(modern_call("1", "buy"));
  price = "20";
  const auto again = wire.ask(modern_call("2", "buy", retry(yes, state_of(question))));
  CHECK(again.find("Buy for 20?") != std::string::npos);
  CHECK(wire.ask(modern_call("3", "buy", retry(yes, state_of(again)))) ==
        modern_text_result("3", "bought for 20"));
}

TEST_CASE("prompts and resources ask too; a retried read is kept by nobody") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  server.prompt({.name = "p"}, [](const mcp::PromptArguments&, Context& ctx) {
    auto name = ctx.elicit<Name>("n", "Name?");
    return mcp::PromptResult{{mcp::user_text("I am " + name->name)}};
  });
  server.resource(
      {.uri = "test://r", .name = "r"}, [](const mcp::ResourceRequest& request, Context& ctx) {
        auto name = ctx.elicit<Name>("n", "Name?");
        return mcp::ReadResourceResult{{mcp::text_contents(request.uri, "of " + name->name)},
                                       {.ttl_ms = 1000, .scope = mcp::CacheScope::public_}};
      });
  Wire wire(server);
  const std::string ada = R"({"n":{"action":"accept","content":{"name":"Ada"}}})";
  const auto prompt = wire.ask(modern("1", "prompts/get", R"("name":"p")"));
  CHECK(wire.ask(modern("2", "prompts/get", R"("name":"p")" + retry(ada, state_of(prompt)))) ==
        modern_result(
            "2", R"("messages":[{"content":{"text":"I am Ada","type":"text"},"role":"user"}])"));
  const auto read = wire.ask(modern("3", "resources/read", R"("uri":"test://r")"));
  CHECK(read.find("ttlMs") == std::string::npos);
  CHECK(read.find("cacheScope") == std::string::npos);
  CHECK(
      wire.ask(modern("4", "resources/read", R"("uri":"test://r")" + retry(ada, state_of(read)))) ==
      R"({"jsonrpc":"2.0","id":4,"result":{"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"test","version":"1"}},"cacheScope":"private","contents":[{"mimeType":"text/plain","text":"of Ada","uri":"test://r"}],"resultType":"complete","ttlMs":0}})");
}

TEST_CASE("the state is bounded in both directions") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  server.tool("heavy", "", [](const None&, Context& ctx) -> ToolResult {
    ctx.once("large", [] { return std::string(70'000, 'x'); });
    ctx.elicit<Sure>("go", "Go on?");
    return {};
  });
  Wire wire(server);
  CHECK(
      wire.ask(modern_call("1", "heavy")) ==
      R"({"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"the answers and steps of tools/call 'heavy' need more than 65536 bytes of requestState"}})");
  CHECK(
      wire.ask(modern_call("2", "heavy", retry("{}", std::string(65'537, 'A')))) ==
      R"({"jsonrpc":"2.0","id":2,"error":{"code":-32602,"message":"requestState is longer than any of this server"}})");
}
