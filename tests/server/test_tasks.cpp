// Calls that go on as tasks: the extension of 2026-07-28, and what both eras share.

#include <algorithm>
#include <memory>
#include <string>

#include <mcp/server/connection.h>
#include <mcp/server/engine.h>

#include "tasking.h"

TEST_CASE("a task: the handle, its state, its result; without the extension the call is answered") {
  Tasking tasking;
  Wire wire(tasking.server);
  const Json created = result(wire.ask(task_call("1", "work")));
  CHECK(created["resultType"] == "task");
  CHECK(created["status"] == "working");
  CHECK(created["ttlMs"] == 300000);
  CHECK(created["pollIntervalMs"] == 2000);
  CHECK(created["createdAt"] == "2026-01-01T00:00:00.000Z");
  CHECK(created["lastUpdatedAt"] == "2026-01-01T00:00:00.000Z");
  CHECK(created["taskId"].get<std::string>().size() == 32);
  for (const char* absent : {"task", "result", "error", "inputRequests", "requestState", "ttl"})
    CHECK_FALSE(created.contains(absent));

  const Json state = result(wire.ask(about("2", "get", id_of(created))));
  CHECK(state["resultType"] == "complete");
  CHECK(state["status"] == "completed");
  CHECK(state["result"] == Json::parse(R"({"content":[{"text":"worked as a task","type":"text"}],)"
                                       R"("resultType":"complete"})"));

  CHECK(wire.ask(modern("3", "tools/call", R"("arguments":{},"name":"work","task":{"ttl":1})")) ==
        modern_text_result("3", "worked at once"));
}

TEST_CASE("a task of the stateless era tells no progress and no log, and fails by errors only") {
  Tasking tasking;
  Wire wire(tasking.server);
  const auto lines = wire.say(modern("1", "tools/call", R"("arguments":{},"name":"work")",
                                     with_tasks, R"("io.modelcontextprotocol/logLevel":"debug",)"));
  CHECK(lines.size() == 1);

  const Json isolated =
      result(wire.ask(about("2", "get", id_of(result(wire.ask(task_call("3", "only")))))));
  CHECK(isolated["status"] == "completed");
  CHECK(isolated["result"]["isError"] == true);
  CHECK(isolated["result"]["content"][0]["text"] == "no luck");

  const Json broken =
      result(wire.ask(about("4", "get", id_of(result(wire.ask(task_call("5", "breaks")))))));
  CHECK(broken["status"] == "failed");
  CHECK(broken["statusMessage"] == "broken");
  CHECK(broken["error"] == Json::parse(R"({"code":-32603,"message":"broken"})"));
  CHECK_FALSE(broken.contains("result"));
}

TEST_CASE("who does not declare the extension gets no task and asks for none") {
  Tasking tasking;
  Wire wire(tasking.server);
  const Json needed = Json::parse(
      R"({"requiredCapabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}}}})");
  const Json refused =
      error(wire.ask(modern("1", "tools/call", R"("arguments":{},"name":"only")")));
  CHECK(refused["code"] == -32021);
  CHECK(refused["data"] == needed);
  for (const char* method : {"get", "update", "cancel"}) {
    const Json gated =
        error(wire.ask(about("2", method, "x", R"(,"inputResponses":{})", R"({"sampling":{}})")));
    CHECK(gated["code"] == -32021);
    CHECK(gated["data"] == needed);
  }
  CHECK(error(wire.ask(modern("3", "subscriptions/listen",
                              R"("notifications":{"taskIds":["x"]})")))["code"] == -32021);
  for (const char* method : {"result", "list"})
    CHECK(error(wire.ask(about("4", method, "x")))["code"] == -32601);
  for (const char* method : {"get", "update", "cancel"})
    CHECK(error(wire.ask(about("5", method, "x", R"(,"inputResponses":{})")))["code"] == -32602);

  const Json offered = result(wire.ask(modern("6", "server/discover")))["capabilities"];
  CHECK(offered["extensions"] == Json::parse(R"({"io.modelcontextprotocol/tasks":{}})"));
  CHECK_FALSE(offered.contains("tasks"));

  CHECK(error(wire.ask(task_call("7", "plain")))["message"].get<std::string>().find(
            "internal error") == 0);
}

TEST_CASE("a server without tasks does not know their methods") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  server.tool("echo", "", [](const None&) { return mcp::text("x"); });
  Wire wire(server);
  CHECK(error(wire.ask(about("1", "get", "x")))["code"] == -32601);
  CHECK_FALSE(
      result(wire.ask(modern("2", "server/discover")))["capabilities"].contains("extensions"));
}

TEST_CASE(
    "what is asked before the task is asked by the call, what is asked after it by the task") {
  Tasking tasking;
  Wire wire(tasking.server);
  const auto asked = wire.ask(task_call("1", "asks"));
  CHECK(result(asked)["resultType"] == "input_required");
  CHECK_FALSE(result(asked).contains("taskId"));
  const Json created = result(wire.ask(task_call(
      "2", "asks",
      retry(R"({"before":{"action":"accept","content":{"name":"Ada"}}})", state_of(asked)))));
  CHECK(created["resultType"] == "task");
  CHECK_FALSE(created.contains("requestState"));
  const std::string id = id_of(created);

  Json state = result(wire.ask(about("3", "get", id)));
  CHECK(state["status"] == "input_required");
  CHECK(state["inputRequests"].size() == 2);
  CHECK(state["inputRequests"]["one"] ==
        Json::parse(R"({"method":"elicitation/create","params":)" + form("One?") + "}"));

  const auto update = [&](const std::string& answers) {
    return wire.ask(about("4", "update", id, R"(,"inputResponses":)" + answers));
  };
  CHECK(
      update(R"({"two":{"action":"accept","content":{"name":"Carl"}},"three":{}})") ==
      R"({"jsonrpc":"2.0","id":4,"result":{"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"test","version":"1"}},"resultType":"complete"}})");
  state = result(wire.ask(about("5", "get", id)));
  CHECK(state["status"] == "input_required");
  CHECK(state["inputRequests"].size() == 1);
  CHECK(state["inputRequests"].contains("one"));

  update(R"({"one":{"action":"accept","content":{"name":"Bob"}}})");
  state = result(wire.ask(about("6", "get", id)));
  CHECK(state["status"] == "completed");
  CHECK(state["result"]["content"][0]["text"] == "Ada Bob Carl");
  CHECK(tasking.runs == 3);
  // Late answers change nothing.
  update(R"({"one":{"action":"accept","content":{"name":"Eve"}}})");
  CHECK(tasking.runs == 3);
}

TEST_CASE("a question that is asked again gets another key") {
  Tasking tasking;
  Wire wire(tasking.server);
  const std::string id = id_of(result(wire.ask(task_call("1", "insists"))));
  wire.ask(about("2", "update", id,
                 R"(,"inputResponses":{"sure":{"action":"accept","content":{"sure":"perhaps"}}})"));
  const Json again = result(wire.ask(about("3", "get", id)));
  CHECK(again["status"] == "input_required");
  CHECK(again["inputRequests"].size() == 1);
  CHECK(again["inputRequests"].contains("sure-2"));
  wire.ask(about("4", "update", id,
                 R"(,"inputResponses":{"sure-2":{"action":"accept","content":{"sure":true}}})"));
  CHECK(result(wire.ask(about("5", "get", id)))["result"]["content"][0]["text"] == "sure");
}

TEST_CASE("cancelling: acknowledged, idempotent; the handler is stopped and its result dropped") {
  Tasking tasking;
  Wire wire(tasking.server);
  const std::string id = id_of(result(wire.ask(task_call("1", "parked"))));
  REQUIRE(tasking.held);
  CHECK(result(wire.ask(about("2", "get", id)))["status"] == "working");
  // The call is over: what cancels calls does not cancel tasks.
  wire.say(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})");
  CHECK_FALSE(tasking.held->stop_token().stop_requested());
  CHECK(result(wire.ask(about("3", "cancel", id))).size() == 2);  // `_meta`, `resultType`
  CHECK(tasking.held->stop_token().stop_requested());
  tasking.held->finish(mcp::text("too late"));
  wire.runtime.run();
  const Json state = result(wire.ask(about("4", "get", id)));
  CHECK(state["status"] == "cancelled");
  CHECK_FALSE(state.contains("result"));
  CHECK(result(wire.ask(about("5", "cancel", id))).size() == 2);
}

TEST_CASE("a task outlives the client's connection, and other clients of that caller find it") {
  Tasking tasking;
  mcp::ManualRuntime runtime;
  std::string id;
  auto engine = mcp::server::Engine::create(tasking.server, runtime);
  const auto ask = [&](const std::string& line, const std::string& principal) {
    auto outlet = std::make_shared<Lines>();
    std::shared_ptr<mcp::server::Connection> connection;
    runtime.loop().post([&] {
      connection = engine->connect(outlet);
      connection->receive(line, {outlet, principal});
    });
    runtime.run();
    runtime.loop().post([&] {
      connection->close();
      connection.reset();
    });
    runtime.run();
    REQUIRE(outlet->lines.size() == 1);
    return outlet->lines[0];
  };
  id = id_of(result(ask(task_call("1", "parked"), "ada")));
  CHECK_FALSE(tasking.held->stop_token().stop_requested());
  CHECK(error(ask(about("2", "get", id), "eve"))["code"] == -32602);
  CHECK(error(ask(about("2", "cancel", id), "eve"))["code"] == -32602);
  CHECK(error(ask(about("2", "get", id), ""))["code"] == -32602);
  CHECK(result(ask(about("3", "get", id), "ada"))["status"] == "working");
  tasking.held->finish(mcp::text("done"));
  runtime.run();
  CHECK(result(ask(about("4", "get", id), "ada"))["status"] == "completed");
  CHECK(engine->running().empty());
  tasking.held.reset();
}

TEST_CASE("a call whose client has gone does not stay in the engine's books") {
  Tasking tasking;
  mcp::ManualRuntime runtime;
  auto engine = mcp::server::Engine::create(tasking.server, runtime);
  struct Nowhere final : mcp::server::Outlet {
    bool send(mcp::server::Outbound) override { return true; }
  };
  std::shared_ptr<mcp::server::Connection> connection;
  runtime.loop().post([&] {
    connection = engine->connect(std::make_shared<Nowhere>());
    connection->receive(modern("1", "tools/call", R"("arguments":{},"name":"parked")"));
  });
  runtime.run();
  CHECK(engine->running().size() == 1);
  runtime.loop().post([&] {
    connection->close();
    connection.reset();
  });
  runtime.run();
  tasking.held->finish(mcp::text("for nobody"));
  tasking.held.reset();
  runtime.run();
  CHECK(engine->running().empty());
}

TEST_CASE("a task that waits for a page goes on when Server::complete says that it is done") {
  constexpr const char* can_url =
      R"({"elicitation":{"url":{}},"extensions":{"io.modelcontextprotocol/tasks":{}}})";
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  bool done = false;
  bool completes_itself = false;
  int looks = 0;
  std::string page;
  server.tool(
      "login", "",
      [&](const None&, Context& ctx) {
        ctx.continue_as_task();
        page = ctx.elicitation_id("login");
        const auto action =
            ctx.elicit_url("login", "https://example.com/login", "Please log in", [&] {
              ++looks;
              if (completes_itself && looks == 1) {
                // Between this look and the wait that follows it.
                server.complete(page);
                done = true;
                return false;
              }
              return done;
            });
        return mcp::text(action == mcp::ElicitAction::accept ? "logged in" : "not logged in");
      },
      {.task_support = TaskSupport::optional});
  Wire wire(server);

  SUBCASE("stateless era") {
    const auto state = [&](const std::string& task) {
      return result(wire.ask(modern("9", "tasks/get", R"("taskId":")" + task + '"', can_url)));
    };
    SUBCASE("later") {}
    SUBCASE("during the run") {
      completes_itself = true;
    }
    const Json created =
        result(wire.ask(modern("1", "tools/call", R"("arguments":{},"name":"login")", can_url)));
    const std::string task = id_of(created);
    CHECK(state(task)["status"] == "input_required");
    server.complete(page);  // before anybody agreed: the next run looks for itself
    wire.ask(modern("2", "tasks/update",
                    R"("taskId":")" + task + R"(","inputResponses":{"login":{"action":"accept"}})",
                    can_url));
    if (!completes_itself) {
      CHECK(state(task)["status"] == "working");
      CHECK(looks == 1);
      server.complete("another");
      wire.runtime.run();
      CHECK(looks == 1);
      done = true;
      server.complete(page);
    }
    wire.runtime.run();  // no time passes
    CHECK(state(task)["status"] == "completed");
    CHECK(state(task)["result"]["content"][0]["text"] == "logged in");
    CHECK(looks == 2);
    wire.runtime.advance(std::chrono::seconds(5));
    CHECK(looks == 2);
  }
  SUBCASE("session era") {
    wire.initialize("2025-11-25", R"({"elicitation":{"url":{}},"tasks":{}})");
    const Json created = result(wire.say(
        R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"login","arguments":{},"task":{}}})")
                                    [0]);
    const std::string task = id_of(created["task"]);
    // The question goes out where the client waits for the result.
    const auto asked = wire.say(
        R"({"jsonrpc":"2.0","id":8,"method":"tasks/result","params":{"taskId":")" + task + "\"}}");
    REQUIRE(asked.size() == 1);
    const Json question = Json::parse(asked[0]);
    CHECK(question["method"] == "elicitation/create");
    wire.say(R"({"jsonrpc":"2.0","id":)" + question["id"].dump() +
             R"(,"result":{"action":"accept"}})");
    CHECK(looks == 1);
    done = true;
    server.complete(page);
    wire.runtime.run();
    const auto heard = wire.heard();
    REQUIRE_FALSE(heard.empty());
    CHECK(result(heard.back())["content"][0]["text"] == "logged in");
    CHECK(std::find(heard.begin(), heard.end(),
                    R"({"jsonrpc":"2.0","method":"notifications/elicitation/complete",)"
                    R"("params":{"elicitationId":")" +
                        page + R"("}})") != heard.end());
  }
}

TEST_CASE("after its ttl a task is forgotten and its handler stopped") {
  Tasking tasking;
  Wire wire(tasking.server);
  const std::string done = id_of(result(wire.ask(task_call("1", "work"))));
  const std::string parked = id_of(result(wire.ask(task_call("2", "parked"))));
  wire.runtime.advance(std::chrono::minutes(4));
  CHECK(result(wire.ask(about("3", "get", done)))["status"] == "completed");
  wire.runtime.advance(std::chrono::minutes(2));
  CHECK(error(wire.ask(about("4", "get", done)))["code"] == -32602);
  CHECK(result(wire.ask(about("5", "get", parked)))["status"] == "working");
  wire.runtime.advance(std::chrono::hours(1));
  CHECK(error(wire.ask(about("6", "get", parked)))["code"] == -32602);
  CHECK(tasking.held->stop_token().stop_requested());
  tasking.held.reset();
}

TEST_CASE("tasks are bounded: how many run, how long, and what is kept of them") {
  Tasking tasking({.tasks = mcp::make_memory_task_store({.tasks = 3, .bytes = 300}),
                   .limits = {.running_tasks = 1, .task_ttl = std::chrono::seconds(10)}});
  tasking.server.tool("long", "",
                      [](const None&, Context& ctx) {
                        ctx.continue_as_task();
                        return mcp::text(std::string(1000, 'x'));
                      },
                      {.task_support = TaskSupport::optional});
  Wire wire(tasking.server);
  const Json first = result(wire.ask(task_call("1", "parked")));
  CHECK(first["ttlMs"] == 10000);
  const Json second = error(wire.ask(task_call("2", "work")));
  CHECK(second["code"] == -32603);
  CHECK(second["data"]["retryAfterMs"] == 1000);
  wire.ask(about("3", "cancel", id_of(first)));
  tasking.held.reset();
  const Json lost =
      result(wire.ask(about("4", "get", id_of(result(wire.ask(task_call("5", "long")))))));
  CHECK(lost["status"] == "failed");
  CHECK(lost["error"]["message"] == "the outcome of the task can't be kept");
  wire.ask(task_call("6", "work"));
  CHECK(error(wire.ask(task_call("7", "work")))["data"]["retryAfterMs"] == 1000);
  wire.runtime.advance(std::chrono::seconds(11));
  CHECK(result(wire.ask(task_call("8", "work")))["resultType"] == "task");
}

TEST_CASE("subscriptions tell of tasks that are the caller's and have not ended") {
  Tasking tasking;
  Wire wire(tasking.server);
  const std::string parked = id_of(result(wire.ask(task_call("1", "parked"))));
  const std::string done = id_of(result(wire.ask(task_call("2", "work"))));
  const auto listen = wire.ask(
      modern("3", "subscriptions/listen",
             R"("notifications":{"taskIds":[")" + parked + R"(",")" + done + R"(","other"]})",
             with_tasks));
  CHECK(Json::parse(listen)["params"]["notifications"] ==
        Json::parse(R"({"taskIds":[")" + parked + "\"]}"));
  tasking.held->finish(mcp::text("done"));
  tasking.held.reset();
  wire.runtime.run();
  const Json told = Json::parse(wire.heard_one());
  CHECK(told["method"] == "notifications/tasks");
  CHECK(told["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"] == 3);
  CHECK(told["params"]["taskId"] == parked);
  CHECK(told["params"]["status"] == "completed");
  CHECK(told["params"]["result"]["content"][0]["text"] == "done");
}

// --- 2025-11-25 ---
