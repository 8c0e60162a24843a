// What happens around a call: progress, logs, cancellation, failure, overload, middleware, the end.

#include <stdexcept>

#include "wire.h"

namespace {

using mcp::Context;
using mcp::Json;

std::string call(const std::string& id, const std::string& tool, const std::string& meta = "") {
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":"tools/call","params":{"name":")" + tool +
         '"' + (meta.empty() ? "" : R"(,"_meta":{)" + meta + "}") + "}}";
}
std::string cancel(const std::string& id) {
  return R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":)" + id +
         "}}";
}

}  // namespace

TEST_CASE("a slow tool delays nothing else") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet({.declare = {.resources = true}})};
  server.tool({.name = "slow"}, [](const Json&, Context&) { return mcp::text("slow"); });
  server.tool({.name = "inline"}, [](const Json&, Context&) { return mcp::text("fast"); },
              {.run_inline = true});
  Wire wire(server);
  wire.initialize();
  wire.post(call("1", "slow"));
  wire.post(R"({"jsonrpc":"2.0","id":2,"method":"ping"})");
  wire.post(call("3", "inline"));
  wire.post(R"({"jsonrpc":"2.0","id":4,"method":"resources/list"})");
  wire.runtime.run_loop();  // the worker has not even begun
  CHECK(wire.heard() == std::vector<std::string>{
                            R"({"jsonrpc":"2.0","id":2,"result":{}})", text_result("3", "fast"),
                            R"({"jsonrpc":"2.0","id":4,"result":{"resources":[]}})"});
  wire.runtime.run();
  CHECK(wire.heard_one() == text_result("1", "slow"));
}

TEST_CASE("a full queue refuses, and says when to come again") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  server.tool({.name = "t"}, [](const Json&, Context&) { return mcp::text("done"); });
  Wire wire(server, {.queue_limit = 1});
  wire.initialize();
  wire.post(call("1", "t"));
  wire.post(call("2", "t"));
  wire.runtime.run();
  CHECK(
      wire.heard() ==
      std::vector<std::string>{
          R"({"jsonrpc":"2.0","id":2,"error":{"code":-32603,"message":"the server is busy: try again later","data":{"retryAfterMs":1000}}})",
          text_result("1", "done")});
}

TEST_CASE("one connection has a bounded number of requests in flight") {
  mcp::Server server{{.name = "test", .version = "1"},
                     quiet({.limits = {.calls_per_connection = 1}})};
  server.tool({.name = "t"}, [](const Json&, Context&) { return mcp::text("done"); });
  Wire wire(server);
  wire.say(modern("1", "subscriptions/listen", R"("notifications":{})"));
  CHECK(wire.ask(modern("2", "tools/call", R"("name":"t")")).find("too many requests in flight") !=
        std::string::npos);
  CHECK(wire.ask(modern("3", "subscriptions/listen", R"("notifications":{})"))
            .find("too many requests in flight") != std::string::npos);
  CHECK(wire.ask(modern("4", "tools/list")).find(R"("tools":[)") != std::string::npos);
}

TEST_CASE("progress goes to who asked for it, and never runs backwards") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  server.tool({.name = "t"}, [](const Json&, Context& ctx) {
    ctx.progress(0, 100);
    ctx.progress(50, 100, "half");
    ctx.progress(50, 100, "not more");
    ctx.progress(20, 100, "less");
    ctx.progress(std::numeric_limits<double>::quiet_NaN());
    ctx.progress(100, 100);
    return mcp::text("done");
  });
  Wire wire(server);
  wire.initialize();
  CHECK(wire.ask(call("1", "t")) == text_result("1", "done"));
  CHECK(
      wire.say(call("2", "t", R"("progressToken":7)")) ==
      std::vector<std::string>{
          R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":0.0,"progressToken":7,"total":100.0}})",
          R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"message":"half","progress":50.0,"progressToken":7,"total":100.0}})",
          R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":100.0,"progressToken":7,"total":100.0}})",
          text_result("2", "done")});
  CHECK(wire.ask(call("3", "t", R"("progressToken":true)")).find("-32602") != std::string::npos);
}

TEST_CASE("log messages: by session level, or by the request's own; none unasked when stateless") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  server.tool({.name = "t"}, [](const Json&, Context& ctx) {
    ctx.log(mcp::LoggingLevel::debug, "details");
    ctx.log(mcp::LoggingLevel::warning, {{"disk", "full"}}, "store");
    return mcp::text("done");
  });
  Wire wire(server);
  const std::string debug =
      R"({"jsonrpc":"2.0","method":"notifications/message","params":{"data":"details","level":"debug"}})";
  const std::string warning =
      R"({"jsonrpc":"2.0","method":"notifications/message","params":{"data":{"disk":"full"},"level":"warning","logger":"store"}})";

  SUBCASE("session era") {
    wire.initialize();
    CHECK(wire.say(call("1", "t")) == std::vector<std::string>{warning, text_result("1", "done")});
    wire.say(R"({"jsonrpc":"2.0","id":2,"method":"logging/setLevel","params":{"level":"debug"}})");
    CHECK(wire.say(call("1", "t")) ==
          std::vector<std::string>{debug, warning, text_result("1", "done")});
    wire.say(R"({"jsonrpc":"2.0","id":2,"method":"logging/setLevel","params":{"level":"error"}})");
    CHECK(wire.say(call("1", "t")) == std::vector<std::string>{text_result("1", "done")});
  }
  SUBCASE("stateless era") {
    CHECK(wire.ask(modern("1", "tools/call", R"("name":"t")")) == modern_text_result("1", "done"));
    CHECK(wire.say(modern("1", "tools/call", R"("name":"t")", "{}",
                          R"("io.modelcontextprotocol/logLevel":"info",)")) ==
          std::vector<std::string>{warning, modern_text_result("1", "done")});
  }
}

TEST_CASE("a cancelled call: the handler is told, nothing follows, the id is free") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  bool told = false;
  std::vector<mcp::Responder> parked;
  server.deferred_tool({.name = "later"}, [&](const Json&, Context& ctx, mcp::Responder responder) {
    CHECK_FALSE(ctx.stop_token().stop_requested());
    parked.push_back(std::move(responder));
  });
  server.tool({.name = "t"}, [&](const Json&, Context& ctx) {
    told = ctx.stop_token().stop_requested();
    ctx.progress(1);
    return mcp::text("too late");
  });
  Wire wire(server);
  wire.initialize();

  SUBCASE("while it runs") {
    wire.say(call("1", "later", R"("progressToken":7)"));
    CHECK(wire.say(cancel("1")).empty());
    CHECK(parked.at(0).stop_token().stop_requested());
    parked.at(0).progress(5);
    parked.at(0).finish(mcp::text("too late"));
    wire.runtime.run();
    CHECK(wire.heard().empty());
    wire.say(call("1", "later"));
    parked.at(1).finish(mcp::text("again"));
    wire.runtime.run();
    CHECK(wire.heard_one() == text_result("1", "again"));
  }
  SUBCASE("before it began") {
    wire.post(call("1", "t", R"("progressToken":7)"));
    wire.runtime.run_loop();
    CHECK(wire.say(cancel("1")).empty());
    CHECK(told);
  }
  SUBCASE("stateless era") {
    wire.say(modern("1", "tools/call", R"("name":"later")"));
    CHECK(wire.say(cancel("1")).empty());
    parked.at(0).finish(mcp::text("too late"));
    wire.runtime.run();
    CHECK(wire.heard().empty());
  }
  SUBCASE("of nobody, of the initialize request, twice") {
    CHECK(wire.say(cancel("99")).empty());
    CHECK(wire.say(cancel("\"init\"")).empty());
    CHECK(wire.say(cancel("null")).empty());
    CHECK(wire.ask(call("1", "t")) == text_result("1", "too late"));
    CHECK(wire.say(cancel("1")).empty());
  }
}

TEST_CASE("exceptions: the client gets a reference, the log the details") {
  Journal journal;
  mcp::Server server{{.name = "test", .version = "1"}, {.log = journal.logger()}};
  server.tool({.name = "throws"}, [](const Json&, Context&) -> mcp::ToolResult {
    throw std::runtime_error("password=\nsecret");
  });
  server.tool({.name = "odd"}, [](const Json&, Context&) -> mcp::ToolResult { throw 5; });
  server.tool({.name = "error"}, [](const Json&, Context&) -> mcp::ToolResult {
    throw mcp::Error(-1, "mine", {{"a", 1}});
  });
  server.tool({.name = "reserved"}, [](const Json&, Context&) -> mcp::ToolResult {
    throw mcp::Error(-32050, "not a code of the specification");
  });
  server.prompt({.name = "p"}, [](const mcp::PromptArguments&, Context&) -> mcp::PromptResult {
    throw mcp::ToolError("no such thing");
  });
  Wire wire(server);
  wire.initialize();
  CHECK(
      wire.ask(call("1", "throws")) ==
      R"({"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"internal error, reference 1"}})");
  CHECK(
      wire.ask(call("1", "odd")) ==
      R"({"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"internal error, reference 2"}})");
  CHECK(journal.lines ==
        std::vector<std::string>{
            "internal error, reference 1: tools/call 'throws': password= secret",
            "internal error, reference 2: tools/call 'odd': threw what is no std::exception"});
  CHECK(wire.ask(call("1", "error")) ==
        R"({"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"mine","data":{"a":1}}})");
  CHECK(wire.ask(call("1", "reserved")).find(R"("code":-32603)") != std::string::npos);
  CHECK(wire.ask(R"({"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"p"}})") ==
        R"({"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"no such thing"}})");
}

TEST_CASE("-32042 only where it exists, and its page is told when it is done") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  server.tool({.name = "t"}, [](const Json&, Context&) -> mcp::ToolResult {
    throw mcp::Error(mcp::error_code::url_elicitation_required, "log in first",
                     {{"elicitations", {{{"mode", "url"}, {"elicitationId", "e1"}}}}});
  });
  Wire wire(server);
  wire.initialize();
  CHECK(wire.ask(call("1", "t")).find(R"("code":-32042)") != std::string::npos);
  server.complete("other");
  server.complete("e1");
  wire.runtime.run();
  CHECK(
      wire.heard_one() ==
      R"({"jsonrpc":"2.0","method":"notifications/elicitation/complete","params":{"elicitationId":"e1"}})");
  CHECK(wire.ask(modern("1", "tools/call", R"("name":"t")")).find(R"("code":-32603)") !=
        std::string::npos);
}

TEST_CASE("a deferred handler that lets its responder go fails the call") {
  Journal journal;
  mcp::Server server{{.name = "test", .version = "1"}, {.log = journal.logger()}};
  server.deferred_tool({.name = "forgets"}, [](const Json&, Context&, mcp::Responder) {});
  server.deferred_tool({.name = "fails"}, [](const Json&, Context&, mcp::Responder responder) {
    responder.fail(std::make_exception_ptr(mcp::ToolError("no luck")));
    responder.finish(mcp::text("the first answer counts"));
  });
  Wire wire(server);
  wire.initialize();
  CHECK(
      wire.ask(call("1", "forgets")) ==
      R"({"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"internal error, reference 1"}})");
  CHECK(
      wire.ask(call("1", "fails")) ==
      R"({"jsonrpc":"2.0","id":1,"result":{"content":[{"text":"no luck","type":"text"}],"isError":true}})");
}

TEST_CASE("text that is no UTF-8 is replaced, never thrown") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  server.tool({.name = "t"}, [](const Json&, Context&) {
    return mcp::text(
        "a\xFF"
        "b");
  });
  Wire wire(server);
  wire.initialize();
  CHECK(wire.ask(call("1", "t")) == text_result("1",
                                                "a\xEF\xBF\xBD"
                                                "b"));
}

TEST_CASE("middleware goes around requests") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet({.declare = {.prompts = true}})};
  std::vector<std::string> seen;
  server.use([&](mcp::IncomingRequest& request, const std::function<mcp::Reply()>& next) {
    seen.push_back("outer " + request.method);
    if (request.params.value("name", "") == "forbidden")
      throw mcp::Error(mcp::error_code::invalid_params, "not for you");
    request.context.data()["user"] = std::string("ada");
    mcp::Reply reply = next();
    if (Json* result = reply.json()) (*result)["_meta"]["seen"] = true;
    return reply;
  });
  server.use([&](mcp::IncomingRequest& request, const std::function<mcp::Reply()>& next) {
    seen.push_back("inner");
    if (request.params.value("name", "") == "cached")
      return mcp::Reply(Json{{"content", Json::array()}});
    if (request.method == "tools/call") request.params["arguments"]["added"] = true;
    return next();
  });
  server.tool({.name = "t"}, [](const Json& arguments, Context& ctx) {
    return mcp::text(std::any_cast<std::string>(ctx.data().at("user")) + " " + arguments.dump());
  });
  server.tool({.name = "asks"}, [](const Json& arguments, Context& ctx) {
    ctx.roots("r");
    return mcp::text(arguments.dump());
  });
  Wire wire(server);
  wire.initialize();
  CHECK(
      wire.ask(call("1", "t")) ==
      R"({"jsonrpc":"2.0","id":1,"result":{"_meta":{"seen":true},"content":[{"text":"ada {\"added\":true}","type":"text"}]}})");
  CHECK(seen == std::vector<std::string>{"outer tools/call", "inner"});
  CHECK(wire.ask(call("1", "forbidden")) ==
        R"({"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"not for you"}})");
  CHECK(wire.ask(call("1", "cached")) ==
        R"({"jsonrpc":"2.0","id":1,"result":{"_meta":{"seen":true},"content":[]}})");
  CHECK(wire.ask(R"({"jsonrpc":"2.0","id":1,"method":"prompts/list"})") ==
        R"({"jsonrpc":"2.0","id":1,"result":{"prompts":[]}})");
  // Questions unwind through it, and a replay starts from what the client sent.
  wire.ask(call("1", "asks"));
  CHECK(wire.ask(R"({"jsonrpc":"2.0","id":1,"result":{"roots":[]}})").find(R"({\"added\":true})") !=
        std::string::npos);
}

TEST_CASE("middleware sees what goes out") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  server.use_outgoing([](mcp::OutgoingMessage& message) {
    if (message.method == "notifications/message") return false;
    message.params["_meta"]["traceparent"] = "00-1-2-01";
    return true;
  });
  server.tool({.name = "t"}, [](const Json&, Context& ctx) {
    ctx.log(mcp::LoggingLevel::error, "dropped");
    ctx.roots("r");
    return mcp::text("done");
  });
  Wire wire(server);
  wire.initialize();
  CHECK(
      wire.ask(call("1", "t")) ==
      R"({"jsonrpc":"2.0","id":1,"method":"roots/list","params":{"_meta":{"traceparent":"00-1-2-01"}}})");
}

TEST_CASE("a handler sees who calls, the trace and the whole _meta") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  server.tool({.name = "t"}, [](const Json&, Context& ctx) {
    return mcp::text(ctx.trace().traceparent + "|" + ctx.meta().value("com.example/x", "") + "|" +
                     ctx.principal() + "|" + (ctx.client() ? ctx.client()->name : "?"));
  });
  Wire wire(server);
  wire.initialize();
  CHECK(wire.ask(call("1", "t", R"("traceparent":"00-a-b-01","com.example/x":"y")")) ==
        text_result("1", "00-a-b-01|y||test"));
}

TEST_CASE("two pages in one call each have their own time") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  std::vector<std::string> ids;
  bool first_done = false;
  server.tool({.name = "t"}, [&](const Json&, Context& ctx) {
    ids = {ctx.elicitation_id("a"), ctx.elicitation_id("b")};
    const auto a = ctx.elicit_url("a", "https://example.com/a", "A", [&] { return first_done; });
    const auto b = ctx.elicit_url("b", "https://example.com/b", "B", [] { return false; });
    return mcp::text(std::string(to_string(a)) + " " + std::string(to_string(b)));
  });
  Wire wire(server);
  wire.initialize();
  wire.ask(call("1", "t"));
  wire.say(R"({"jsonrpc":"2.0","id":1,"result":{"action":"accept"}})");
  wire.runtime.advance(std::chrono::minutes(9));
  first_done = true;
  server.complete(ids[0]);
  wire.runtime.run();
  CHECK(wire.heard().size() == 2);  // the page is told to be done, and the next is asked for
  wire.say(R"({"jsonrpc":"2.0","id":2,"result":{"action":"accept"}})");
  wire.runtime.advance(std::chrono::minutes(9));
  CHECK(wire.heard().empty());
  wire.runtime.advance(std::chrono::minutes(1));
  CHECK(wire.heard_one() == text_result("1", "accept cancel"));
}

TEST_CASE("the client goes away: handlers are told, nothing breaks") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  std::vector<mcp::Responder> parked;
  server.deferred_tool({.name = "later"}, [&](const Json&, Context&, mcp::Responder responder) {
    parked.push_back(std::move(responder));
  });
  Wire wire(server);
  wire.say(modern("1", "tools/call", R"("name":"later")"));
  wire.say(modern("2", "subscriptions/listen", R"("notifications":{})"));
  wire.close();
  wire.runtime.run();
  CHECK(parked.at(0).stop_token().stop_requested());
  parked.at(0).finish(mcp::text("to nobody"));
  server.tools_changed();
  wire.runtime.run();
  CHECK(wire.heard().empty());
}

TEST_CASE("a server may go before its connections") {
  auto server =
      std::make_unique<mcp::Server>(mcp::Implementation{.name = "test", .version = "1"}, quiet());
  server->tool({.name = "t"}, [](const Json&, Context&) { return mcp::text("done"); });
  Wire wire(*server);
  wire.post(modern("1", "tools/call", R"("name":"t")"));
  wire.runtime.run_loop();
  server.reset();
  wire.runtime.run();
  CHECK(wire.heard_one() == modern_text_result("1", "done"));
}
