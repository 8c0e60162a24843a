// One handler, both eras: what a question looks like on the wire, and what runs again.

#include "wire.h"

#include <thread>

namespace {

struct Name {
  std::string name;
};
struct Sure {
  bool sure = false;
};
struct None {
  std::optional<std::string> ignored;
};
struct Drop {
  std::string table;
};

using mcp::Context;
using mcp::ToolResult;

/// A server with handlers that ask, and a count of how often each began.
struct Asking {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  int runs = 0;
  int steps = 0;

  Asking() {
    server.tool("greet", "", [this](const None&, Context& ctx) -> ToolResult {
      ++runs;
      auto name = ctx.elicit<Name>("user_name", "What is your name?");
      if (!name.accepted()) return mcp::text("Hello, stranger!");
      return mcp::text("Hello, " + name->name + "!");
    });
    server.tool("two", "", [this](const None&, Context& ctx) -> ToolResult {
      ++runs;
      auto first = ctx.elicit<Name>("step1", "Your name?");
      auto second = ctx.elicit<Name>("step2", "And the cat's?");
      return mcp::text(first->name + " and " + second->name);
    });
    server.tool("three_at_once", "", [this](const None&, Context& ctx) -> ToolResult {
      ++runs;
      auto [name, greeting, roots] = ctx.ask_all(
          mcp::elicit<Name>("user_name", "Your name?"),
          mcp::sample("greeting", {.messages = {mcp::sampling_text(mcp::Role::user, "Greet")},
                                   .max_tokens = 50}),
          mcp::roots("client_roots"));
      return mcp::text(greeting.text() + " " + name->name + " at " + roots.at(0).uri);
    });
    server.tool("drop", "", [this](const Drop& in, Context& ctx) -> ToolResult {
      ++runs;
      const auto question = mcp::elicit<Sure>("confirm", "Really drop " + in.table + "?");
      const auto* answer = ctx.answer(question);
      if (answer == nullptr) return ctx.ask(question);
      return mcp::text(answer->accepted() && (*answer)->sure ? "dropped" : "kept");
    });
  }
};

std::string form(const std::string& message) {
  return R"({"message":")" + message +
         R"(","requestedSchema":{"properties":{"name":{"type":"string"}},"required":["name"],"type":"object"}})";
}
std::string call(const std::string& id, const std::string& tool,
                 const std::string& arguments = "{}") {
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":"tools/call","params":{"arguments":)" +
         arguments + R"(,"name":")" + tool + R"("}})";
}
std::string modern_call(const std::string& id, const std::string& tool,
                        const std::string& more = "", const std::string& arguments = "{}") {
  return modern(id, "tools/call", R"("name":")" + tool + R"(","arguments":)" + arguments + more);
}
std::string retry(const std::string& answers, const std::string& state) {
  return R"(,"inputResponses":)" + answers + R"(,"requestState":")" + state + '"';
}

}  // namespace

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

TEST_CASE("a handler that catches everything is suspended all the same") {
  Journal journal;
  mcp::Server server{{.name = "test", .version = "1"}, {.log = journal.logger()}};
  std::vector<std::string> reached;
  server.tool("swallow", "", [&](const None&, Context& ctx) -> ToolResult {
    try {
      auto name = ctx.elicit<Name>("user_name", "What is your name?");
      return mcp::text("Hello, " + name->name);
    } catch (const std::exception&) {
      reached.push_back("std::exception");  // Suspended is none
    } catch (...) {
      reached.push_back("...");
      try {
        ctx.progress(1);
      } catch (const mcp::Suspended&) {
        reached.push_back("again");
      }
    }
    return mcp::text("never seen");
  });
  Wire wire(server);
  const auto question = wire.ask(modern_call("1", "swallow"));
  CHECK(question.find(R"("resultType":"input_required")") != std::string::npos);
  CHECK(reached == std::vector<std::string>{"...", "again"});
  CHECK(
      journal.lines ==
      std::vector<std::string>{
          "tools/call 'swallow': the handler swallowed mcp::Suspended; what it returned after its "
          "question is dropped"});
  CHECK(wire.ask(modern_call("2", "swallow",
                             retry(R"({"user_name":{"action":"accept","content":{"name":"Ada"}}})",
                                   state_of(question)))) == modern_text_result("2", "Hello, Ada"));
}

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

TEST_CASE("mistakes of the author are told in the log") {
  Journal journal;
  mcp::Server server{{.name = "test", .version = "1"}, {.log = journal.logger()}};
  server.tool("same_key", "", [](const Drop&, Context& ctx) -> ToolResult {
    ctx.ask<Name>("k", "a");
    return ctx.ask<Name>("k", "b");
  });
  server.tool("in_step", "", [](const Drop&, Context& ctx) -> ToolResult {
    ctx.once("s", [&] { ctx.elicit<Name>("k", "a"); });
    return {};
  });
  Wire wire(server);
  wire.initialize();
  wire.say(call("1", "in_step", R"({"table":""})"));
  CHECK(journal.lines.back() ==
        "internal error, reference 1: tools/call 'in_step': asking and `once` are not possible "
        "inside `once`");
  // Asked all the same, but not in silence.
  CHECK(wire.ask(call("2", "same_key", R"({"table":""})")).find("elicitation/create") !=
        std::string::npos);
  REQUIRE(journal.lines.size() == 2);
  CHECK(journal.lines.back() ==
        "tools/call 'same_key': what the handler threw after its question is dropped: the key 'k' "
        "is used for two questions");
}

TEST_CASE("asking without unwinding throws where no question can be asked") {
  Journal journal;
  mcp::Server server{{.name = "test", .version = "1"}, {.log = journal.logger()}};
  const auto question = mcp::elicit<Name>("k", "Name?");
  server.tool("in_step", "", [&](const None&, Context& ctx) -> ToolResult {
    ctx.once("s", [&] { ctx.ask(question); });
    return mcp::text("went on");
  });
  server.tool("elsewhere", "", [&](const None&, Context& ctx) -> ToolResult {
    std::string problem = "none";
    std::thread([&] {
      try {
        ctx.ask(question);
      } catch (const std::logic_error& error) {
        problem = error.what();
      }
    }).join();
    return mcp::text(problem);
  });
  server.use([&](mcp::IncomingRequest& request, const std::function<mcp::Reply()>& next) {
    if (request.method == "tools/list") request.context.ask(question);
    return next();
  });
  Wire wire(server);
  wire.initialize();
  CHECK(wire.ask(call("1", "in_step")).find("internal error, reference 1") != std::string::npos);
  CHECK(journal.lines.back() ==
        "internal error, reference 1: tools/call 'in_step': asking and `once` are not possible "
        "inside `once`");
  CHECK(wire.ask(call("2", "elsewhere")) ==
        text_result("2", "asks are for the handler's own thread"));
  CHECK(wire.ask(R"({"jsonrpc":"2.0","id":3,"method":"tools/list"})")
            .find("internal error, reference 2") != std::string::npos);
  CHECK(journal.lines.back() ==
        "internal error, reference 2: tools/list: tools/list can't ask the client");
}

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

TEST_CASE("progress never runs backwards over the rounds") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  server.tool("work", "", [](const None&, Context& ctx) -> ToolResult {
    ctx.progress(1, "before the question");
    ctx.log(mcp::LoggingLevel::info, "before");
    ctx.elicit<Sure>("go", "Go on?");
    ctx.progress(1, "not more than before");
    ctx.progress(2, "after the question");
    ctx.log(mcp::LoggingLevel::info, "after");
    return mcp::text("done");
  });
  Wire wire(server);
  const std::string log = R"("io.modelcontextprotocol/logLevel":"info",)";
  const std::string all = R"({"elicitation":{"form":{},"url":{}},"roots":{},"sampling":{}})";
  const auto first =
      wire.say(modern("1", "tools/call", R"("name":"work")", all, R"("progressToken":"a",)" + log));
  REQUIRE(first.size() == 3);
  CHECK(
      first[0] ==
      R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"message":"before the question","progress":1.0,"progressToken":"a"}})");
  CHECK(
      first[1] ==
      R"({"jsonrpc":"2.0","method":"notifications/message","params":{"data":"before","level":"info"}})");
  CHECK(
      wire.say(modern(
          "2", "tools/call",
          R"("name":"work")" +
              retry(R"({"go":{"action":"accept","content":{"sure":true}}})", state_of(first[2])),
          all, R"("progressToken":"b",)" + log)) ==
      std::vector<std::string>{
          R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"message":"after the question","progress":2.0,"progressToken":"b"}})",
          R"({"jsonrpc":"2.0","method":"notifications/message","params":{"data":"after","level":"info"}})",
          modern_text_result("2", "done")});
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

TEST_CASE("a deferred handler ends its run with a question") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  std::vector<mcp::Responder> parked;
  server.deferred_tool({.name = "later"},
                       [&](const mcp::Json&, Context& ctx, mcp::Responder responder) {
                         const auto question = mcp::elicit<Name>("n", "Name?");
                         if (const auto* answer = ctx.answer(question)) {
                           responder.finish(mcp::text("Hello, " + (*answer)->name));
                         } else {
                           parked.push_back(responder);
                         }
                       });
  Wire wire(server);
  wire.initialize();
  CHECK(wire.say(call("7", "later")).empty());
  parked.at(0).ask(mcp::elicit<Name>("n", "Name?"));
  wire.runtime.run();
  CHECK(wire.heard_one().find("elicitation/create") != std::string::npos);
  CHECK(wire.ask(
            R"({"jsonrpc":"2.0","id":1,"result":{"action":"accept","content":{"name":"Ada"}}})") ==
        text_result("7", "Hello, Ada"));
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
