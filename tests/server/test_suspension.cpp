// How a handler is unwound, and what its author may get wrong.

#include "asking.h"

#include <functional>
#include <thread>

TEST_CASE("a handler that catches everything is suspended all the same") {
  Journal journal;
  mcp::Server server{{.name = "test", .version = "1"},
                     {.state_keys = {"0123456789abcdef0123456789abcdef"}, .log = journal.logger()}};
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

TEST_CASE("after a question that was swallowed every call of ctx unwinds again") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  const auto question = mcp::elicit<Name>("k", "Name?");
  std::vector<std::string> returned;
  server.tool("go_on", "", [&](const None&, Context& ctx) -> ToolResult {
    const auto attempt = [&](const char* name, const std::function<void()>& use) {
      try {
        use();
        returned.emplace_back(name);
      } catch (const mcp::Suspended&) {
        // As it should.
      }
    };
    attempt("question", [&] { ctx.elicit<Name>("user_name", "What is your name?"); });
    attempt("meta", [&] { ctx.meta(); });
    attempt("trace", [&] { ctx.trace(); });
    attempt("principal", [&] { ctx.principal(); });
    attempt("client", [&] { ctx.client(); });
    attempt("client_can", [&] { ctx.client_can(mcp::ClientFeature::roots); });
    attempt("stop_token", [&] { ctx.stop_token(); });
    attempt("data", [&] { ctx.data(); });
    attempt("progress", [&] { ctx.progress(1); });
    attempt("log", [&] { ctx.log(mcp::LoggingLevel::error, "x"); });
    attempt("elicit", [&] { ctx.elicit<Name>("other", "?"); });
    attempt("sample",
            [&] { ctx.sample("s", {.messages = {mcp::sampling_text(mcp::Role::user, "Hi")}}); });
    attempt("roots", [&] { ctx.roots(); });
    attempt("elicit_url",
            [&] { ctx.elicit_url("u", "https://x.example", "", [] { return true; }); });
    attempt("elicitation_id", [&] { ctx.elicitation_id("u"); });
    attempt("answer", [&] { ctx.answer(question); });
    attempt("ask", [&] { ctx.ask(question); });
    attempt("once", [&] { ctx.once("step", [] {}); });
    attempt("once_ever", [&] { ctx.once_ever("step", [] {}); });
    return {};
  });
  Wire wire(server);
  CHECK(wire.ask(modern_call("1", "go_on")).find(R"("inputRequests":{"user_name":{)") !=
        std::string::npos);
  CHECK(returned.empty());
}

TEST_CASE("a destructor may tell and look while its handler is unwound") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  bool stop_requested = true;
  server.tool("guarded", "", [&](const None&, Context& ctx) -> ToolResult {
    struct Guard {
      Context& context;
      bool& stop_requested;
      ~Guard() {
        context.log(mcp::LoggingLevel::error, "left");
        stop_requested = context.stop_token().stop_requested();
      }
    };
    const Guard guard{ctx, stop_requested};
    ctx.elicit<Name>("user_name", "What is your name?");
    return {};
  });
  Wire wire(server);
  wire.initialize();
  const auto lines = wire.say(call("7", "guarded"));
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].find(R"("data":"left")") != std::string::npos);
  CHECK(lines[1].find("elicitation/create") != std::string::npos);
  CHECK(!stop_requested);
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

TEST_CASE("a deferred handler's end waits until the handler has returned") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  int steps = 0;
  const auto question = mcp::elicit<Name>("n", "Name?");
  server.deferred_tool(
      {.name = "asks"}, [&](const mcp::Json&, Context& ctx, const mcp::Responder& responder) {
        const auto* answer = ctx.answer(question);
        if (answer == nullptr) std::thread([&] { responder.ask(question); }).join();
        // Still this run's: the state that goes out carries it.
        const int step = ctx.once("step", [&] { return ++steps; });
        if (answer != nullptr)
          responder.finish(mcp::text((*answer)->name + " " + std::to_string(step)));
      });
  server.deferred_tool({.name = "first_counts"},
                       [&](const mcp::Json&, Context&, const mcp::Responder& responder) {
                         responder.finish(mcp::text("first"));
                         responder.ask(question);
                         throw mcp::Error(mcp::error_code::internal_error, "third");
                       });
  Wire wire(server);
  const auto asked = wire.ask(modern_call("1", "asks"));
  CHECK(wire.ask(modern_call("2", "asks",
                             retry(R"({"n":{"action":"accept","content":{"name":"Ada"}}})",
                                   state_of(asked)))) == modern_text_result("2", "Ada 1"));
  CHECK(steps == 1);
  CHECK(wire.ask(modern_call("3", "first_counts")) == modern_text_result("3", "first"));
}

namespace {

struct Wishes {
  bool hungry;
  std::optional<int> count;
  enum class Color { red, green };
  std::vector<Color> colors;
};
struct Deep {
  struct Point {
    int x;
  };
  std::string name;
  Point point;
};

std::string why_no_form(const std::function<void()>& ask) {
  try {
    ask();
  } catch (const std::invalid_argument& problem) {
    return problem.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a form is asked for by a flat struct") {
  CHECK(why_no_form([] { mcp::elicit<Wishes>("wishes", "What?"); }) == "");
  CHECK(why_no_form([] { mcp::elicit<Deep>("deep", "What?"); }) ==
        "/properties/point: \"properties\" is not allowed: forms are flat");
  CHECK(why_no_form([] { mcp::elicit<int>("number", "What?"); }) ==
        "a form's schema must be an object with \"type\": \"object\"");
}
