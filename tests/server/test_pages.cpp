// Pages that the user is sent to (URL mode).

#include "asking.h"

TEST_CASE("pages for the user: accept is consent, is_done is completion") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  bool done = false;
  std::string id;
  server.tool("login", "", [&](const None&, Context& ctx) -> ToolResult {
    id = ctx.elicitation_id("login");
    const auto action = ctx.elicit_url("login", "https://example.com/login?e=" + id,
                                       "Please log in", [&] { return done; });
    return mcp::text(action == mcp::ElicitAction::accept ? "logged in" : "not logged in");
  });
  Wire wire(server);

  SUBCASE("session era: parked until Server::complete, which tells the client too") {
    wire.initialize();
    const auto question = wire.ask(call("7", "login"));
    CHECK(question ==
          R"({"jsonrpc":"2.0","id":1,"method":"elicitation/create","params":{"elicitationId":")" +
              id +
              R"(","message":"Please log in","mode":"url","url":"https://example.com/login?e=)" +
              id + R"("}})");
    CHECK(wire.say(R"({"jsonrpc":"2.0","id":1,"result":{"action":"accept"}})").empty());
    wire.runtime.advance(std::chrono::minutes(1));
    CHECK(wire.heard().empty());
    done = true;
    server.complete(id);
    wire.runtime.run();
    CHECK(
        wire.heard() ==
        std::vector<std::string>{
            R"({"jsonrpc":"2.0","method":"notifications/elicitation/complete","params":{"elicitationId":")" +
                id + R"("}})",
            text_result("7", "logged in")});
  }
  SUBCASE("session era: nobody finishes the page") {
    wire.initialize();
    wire.ask(call("7", "login"));
    wire.say(R"({"jsonrpc":"2.0","id":1,"result":{"action":"accept"}})");
    wire.runtime.advance(std::chrono::minutes(10));
    CHECK(wire.heard_one() == text_result("7", "not logged in"));
  }
  SUBCASE("stateless era: waits a little, then asks again") {
    const auto question = wire.ask(modern_call("1", "login"));
    CHECK(question.find("elicitationId") == std::string::npos);
    const std::string first_id = id;
    const std::string accept = R"({"login":{"action":"accept"}})";
    CHECK(wire.say(modern_call("2", "login", retry(accept, state_of(question)))).empty());
    wire.runtime.advance(std::chrono::seconds(10));
    const auto again = wire.heard_one();
    CHECK(again.find(R"("resultType":"input_required")") != std::string::npos);
    CHECK(id == first_id);
    CHECK(wire.say(modern_call("3", "login", retry(accept, state_of(again)))).empty());
    done = true;
    wire.runtime.advance(std::chrono::seconds(1));
    CHECK(wire.heard_one() == modern_text_result("3", "logged in"));
  }
  SUBCASE("declined") {
    const auto question = wire.ask(modern_call("1", "login"));
    CHECK(wire.ask(modern_call("2", "login",
                               retry(R"({"login":{"action":"decline"}})", state_of(question)))) ==
          modern_text_result("2", "not logged in"));
  }
}
