#include "wire.h"

// Messages in flight share a budget of memory: what they hold counts, not how long they are.

namespace {

constexpr const char* revision = "2025-11-25";

/// 1,000 objects: 3 KB on the wire, 80 KB in memory.
std::string dense() {
  std::string text = "[";
  for (int i = 1; i < 1000; ++i) text += "{},";
  return text + "{}]";
}

std::string request(const std::string& id, const std::string& tool, const std::string& junk) {
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":"tools/call","params":{"name":")" + tool +
         R"(","arguments":{},"junk":)" + junk + "}}";
}

std::string cancelled(const std::string& id) {
  return R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":)" + id +
         "}}";
}

std::string refused(const std::string& id) {
  return R"({"jsonrpc":"2.0","id":)" + id +
         R"(,"error":{"code":-32603,"message":"too many messages are in flight: try again later","data":{"retryAfterMs":1000}}})";
}

const std::string ping = R"({"jsonrpc":"2.0","id":"p","method":"ping"})";
const std::string pong = R"({"jsonrpc":"2.0","id":"p","result":{}})";

struct Confirm {
  bool yes;
};

struct Stage {
  explicit Stage(std::size_t budget)
      : server({.name = "test", .version = "1"},
               {.limits = {.in_flight_bytes = budget}, .log = journal.logger()}) {
    server.tool({.name = "echo"},
                [](const mcp::Json&, mcp::Context&) { return mcp::text("done"); });
    server.tool({.name = "ask"}, [](const mcp::Json&, mcp::Context& ctx) {
      ctx.elicit<Confirm>("confirm", "Really?");
      return mcp::text("asked");
    });
  }
  Journal journal;
  mcp::Server server;
};

}  // namespace

TEST_CASE("calls in flight are charged for what they hold") {
  Stage stage(200'000);
  Wire wire(stage.server);
  wire.initialize(revision);
  for (const char* id : {"1", "2", "3"}) wire.post(request(id, "echo", dense()));
  wire.runtime.run_loop();
  CHECK(wire.heard() == std::vector<std::string>{refused("3")});
  wire.post(ping);
  wire.runtime.run_loop();
  CHECK(wire.heard() == std::vector<std::string>{pong});
  wire.runtime.run();
  CHECK(wire.heard() ==
        std::vector<std::string>{text_result("1", "done"), text_result("2", "done")});
  CHECK(wire.ask(request("3", "echo", dense())) == text_result("3", "done"));
}

TEST_CASE("a call that waits for its client stays charged until it ends") {
  Stage stage(200'000);
  Wire wire(stage.server);
  wire.initialize(revision);
  CHECK(wire.ask(request("1", "ask", dense())).find("elicitation/create") != std::string::npos);
  CHECK(wire.ask(request("2", "ask", dense())).find("elicitation/create") != std::string::npos);
  CHECK(wire.ask(request("3", "echo", dense())) == refused("3"));
  CHECK(wire.say(cancelled("1")).size() == 1);  // its question is withdrawn
  CHECK(wire.ask(request("3", "echo", dense())) == text_result("3", "done"));
}

TEST_CASE("what the client answers is charged too") {
  Stage stage(200'000);
  Wire wire(stage.server);
  wire.initialize(revision);
  wire.say(request("1", "ask", dense()));
  wire.say(request("2", "ask", dense()));
  CHECK(
      wire.ask(
          R"({"jsonrpc":"2.0","id":1,"result":{"action":"accept","content":{"yes":true},"junk":)" +
          dense() + "}}") ==
      R"({"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"too many messages are in flight: try again later","data":{"retryAfterMs":1000}}})");
  CHECK(wire.ask(request("3", "echo", dense())) == text_result("3", "done"));
}

TEST_CASE("large messages without room: who asked is told, notifications are not answered") {
  Stage stage(1'000'000);
  Wire wire(stage.server);
  wire.initialize(revision);
  std::string large = "[";  // 90 KB that would hold 2.4 MB
  for (int i = 1; i < 30'000; ++i) large += "{},";
  large += "{}]";
  SUBCASE("a request") {
    CHECK(wire.ask(request(R"("me")", "echo", large)) == refused(R"("me")"));
  }
  SUBCASE("a notification") {
    CHECK(wire.say(R"({"jsonrpc":"2.0","method":"notifications/initialized","params":{"x":)" +
                   large + "}}")
              .empty());
    CHECK(stage.journal.lines ==
          std::vector<std::string>{"too many messages are in flight: a notification was not taken: "
                                   "notifications/initialized"});
  }
  SUBCASE("an answer") {
    wire.say(request("7", "ask", "[]"));
    CHECK(wire.ask(R"({"jsonrpc":"2.0","id":1,"result":{"action":"accept","x":)" + large + "}}") ==
          refused("7"));
  }
  CHECK(wire.ask(ping) == pong);
}

TEST_CASE("behind a message that is being decoded, the budget holds as well") {
  Stage stage(300'000);
  Wire wire(stage.server);
  wire.initialize(revision);
  wire.post(request("1", "echo", '[' + std::string(70'000, ' ') + ']'));
  for (int i = 0; i < 1000; ++i) wire.post(R"({"jsonrpc":"2.0","method":"notifications/none"})");
  wire.post(request("2", "echo", "[]"));
  wire.post(R"({"jsonrpc":"2.0","method":"notifications/none"})");
  wire.post(ping);
  wire.post(request("3", "echo", '"' + std::string(70'000, 'x') + '"'));
  wire.runtime.run_loop_alone();
  CHECK(wire.heard() == std::vector<std::string>{refused("2"), pong, refused("3")});
  CHECK(stage.journal.lines ==
        std::vector<std::string>{"there is no room for more messages in flight: requests are "
                                 "refused, and what else comes is taken before its turn"});
  wire.runtime.run();
  CHECK(wire.heard() == std::vector<std::string>{text_result("1", "done")});
  CHECK(wire.ask(request("4", "echo", "[]")) == text_result("4", "done"));
}

TEST_CASE("what a session keeps of its client is charged") {
  Stage stage(200'000);
  Wire wire(stage.server);
  const std::string large = '[' + dense() + ',' + dense() + ']';
  SUBCASE("one that says little leaves room for a large call") {
    wire.initialize(revision);
    CHECK(wire.ask(request("1", "echo", large)) == text_result("1", "done"));
  }
  SUBCASE("one that says much does not, however many calls there are") {
    wire.initialize(revision, R"({"experimental":{"x":{"junk":)" + dense() + "}}}");
    CHECK(wire.ask(request("1", "echo", large)) == refused("1"));
    CHECK(wire.ask(request("2", "echo", dense())) == text_result("2", "done"));
  }
  CHECK(wire.ask(ping) == pong);
}
