// What must not happen twice: `once` and `once_ever`.

#include <functional>
#include <stdexcept>
#include <string>

#include "asking.h"

TEST_CASE("once: the step runs once, its value travels; a final retry sent twice runs no step") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  int orders = 0;
  server.tool("order", "", [&](const None&, Context& ctx) -> ToolResult {
    const int number = ctx.once("order", [&] { return ++orders; });
    ctx.once("nothing", [] {});
    auto name = ctx.elicit<Name>("name", "For whom?");
    return mcp::text("order " + std::to_string(number) + " for " + name->name);
  });
  Wire wire(server);
  const std::string ada = R"({"action":"accept","content":{"name":"Ada"}})";

  SUBCASE("session era") {
    wire.initialize();
    wire.ask(call("7", "order"));
    CHECK(wire.ask(R"({"jsonrpc":"2.0","id":1,"result":)" + ada + "}") ==
          text_result("7", "order 1 for Ada"));
  }
  SUBCASE("stateless era") {
    const auto question = wire.ask(modern_call("1", "order"));
    const auto final =
        modern_call("2", "order", retry(R"({"name":)" + ada + "}", state_of(question)));
    CHECK(wire.ask(final) == modern_text_result("2", "order 1 for Ada"));
    CHECK(wire.ask(final) == modern_text_result("2", "order 1 for Ada"));
  }
  CHECK(orders == 1);
}

TEST_CASE("a step of the last round runs twice by once, never twice by once_ever") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  int once = 0;
  int once_ever = 0;
  server.tool("pay", "", [&](const None&, Context& ctx) -> ToolResult {
    ctx.elicit<Sure>("confirm", "Pay?");
    const int a = ctx.once("a", [&] { return ++once; });
    const int b = ctx.once_ever("b", [&] { return ++once_ever; });
    return mcp::text(std::to_string(a) + " " + std::to_string(b));
  });
  server.tool("fail", "", [&](const None&, Context& ctx) -> ToolResult {
    ctx.elicit<Sure>("confirm", "Pay?");
    ctx.once_ever("c", [] { throw mcp::ToolError("the bank is closed"); });
    return {};
  });
  Wire wire(server);
  const std::string yes = R"({"confirm":{"action":"accept","content":{"sure":true}}})";
  const auto final =
      modern_call("2", "pay", retry(yes, state_of(wire.ask(modern_call("1", "pay")))));
  CHECK(wire.ask(final) == modern_text_result("2", "1 1"));
  CHECK(wire.ask(final) == modern_text_result("2", "2 1"));

  const auto failing =
      modern_call("3", "fail", retry(yes, state_of(wire.ask(modern_call("1", "fail")))));
  CHECK(wire.ask(failing).find("the bank is closed") != std::string::npos);
  CHECK(
      wire.ask(failing) ==
      R"({"jsonrpc":"2.0","id":3,"error":{"code":-32603,"message":"step 'c' began before and its end is not known: it is not repeated"}})");
}

TEST_CASE("once_ever remembers for twice the lifetime of a state") {
  mcp::TimePoint now{};
  mcp::Server server{{.name = "test", .version = "1"},
                     quiet({.state_lifetime = std::chrono::seconds(60),
                            .store = mcp::make_memory_store(10, [&now] { return now; })})};
  int paid = 0;
  server.tool("pay", "", [&](const None&, Context& ctx) -> ToolResult {
    ctx.elicit<Sure>("confirm", "Pay?");
    return mcp::text(std::to_string(ctx.once_ever("pay", [&] { return ++paid; })));
  });
  Wire wire(server);
  const auto final = modern_call("2", "pay",
                                 retry(R"({"confirm":{"action":"accept","content":{"sure":true}}})",
                                       state_of(wire.ask(modern_call("1", "pay")))));
  CHECK(wire.ask(final) == modern_text_result("2", "1"));
  now += std::chrono::seconds(119);
  CHECK(wire.ask(final) == modern_text_result("2", "1"));
  now += std::chrono::seconds(1);
  CHECK(wire.ask(final) == modern_text_result("2", "2"));
}

TEST_CASE("a key names one step of a run, whichever kind of step it is") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  int steps = 0;
  const auto said = [](const std::function<void()>& step) -> std::string {
    try {
      step();
    } catch (const std::logic_error& error) {
      return error.what();
    }
    return "";
  };
  server.tool("order", "", [&](const None&, Context& ctx) -> ToolResult {
    ctx.once("book", [&] { ++steps; });
    ctx.once_ever("pay", [&] { ++steps; });
    const std::string first = said([&] { ctx.once("book", [&] { ++steps; }); });
    const std::string second = said([&] { ctx.once_ever("book", [&] { ++steps; }); });
    const std::string third = said([&] { ctx.once("pay", [&] { ++steps; }); });
    ctx.elicit<Name>("book", "For whom?");  // the keys of questions are others
    return mcp::text(first + "; " + second + "; " + third);
  });
  Wire wire(server);
  wire.initialize();
  wire.ask(call("7", "order"));
  CHECK(wire.ask(
            R"({"jsonrpc":"2.0","id":1,"result":{"action":"accept","content":{"name":"Ada"}}})") ==
        text_result("7",
                    "the key 'book' is used for two steps; the key 'book' is used for two "
                    "steps; the key 'pay' is used for two steps"));
  CHECK(steps == 2);
}

TEST_CASE("once_ever: a call repeated from scratch is a new call") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  int paid = 0;
  server.tool("pay", "", [&](const None&, Context& ctx) -> ToolResult {
    const int number = ctx.once_ever("pay", [&] { return ++paid; });
    ctx.elicit<Sure>("confirm", "Paid. Is that all?");
    return mcp::text(std::to_string(number));
  });
  Wire wire(server);
  const std::string yes = R"({"confirm":{"action":"accept","content":{"sure":true}}})";
  const auto first = state_of(wire.ask(modern_call("1", "pay")));
  const auto second = state_of(wire.ask(modern_call("1", "pay")));
  CHECK(paid == 2);
  CHECK(wire.ask(modern_call("2", "pay", retry(yes, first))) == modern_text_result("2", "1"));
  CHECK(wire.ask(modern_call("3", "pay", retry(yes, second))) == modern_text_result("3", "2"));
  CHECK(wire.ask(modern_call("3", "pay", retry(yes, second))) == modern_text_result("3", "2"));
  CHECK(paid == 2);
}
