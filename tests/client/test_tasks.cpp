#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

#include <mcp/server/connect.h>
#include <mcp/server/server.h>

#include "scripted_server.h"

// Calls that a server makes tasks: whoever makes the call gets its result, in both eras.

using namespace mcp;
using namespace mcp::test;
using namespace std::chrono_literals;

namespace {

/// A client and a server of ours whose tools become tasks.
class Kitchen {
 public:
  explicit Kitchen(Era era, bool with_tasks = true)
      : server({.name = "kitchen", .version = "1"}, quiet()) {
    const auto tool = [](const char* name, TaskSupport support) {
      return Tool{.name = name, .task_support = support};
    };
    server.tool(tool("bake", TaskSupport::required), [](const Json& in, Context& context) {
      context.continue_as_task({.poll_interval = 100ms});
      return structured(in);
    });
    server.tool(tool("toast", TaskSupport::optional), [](const Json&, Context& context) {
      return text(context.continue_as_task() ? "as a task" : "at once");
    });
    server.tool(tool("season", TaskSupport::required), [](const Json&, Context& context) {
      context.continue_as_task({.poll_interval = 100ms});
      const auto salt = context.elicit("salt", "How much?", ElicitSchema().text("name"));
      const auto pepper = context.elicit("pepper", "And pepper?", ElicitSchema().text("name"));
      return text((*salt)["name"].get<std::string>() + " and " +
                  (*pepper)["name"].get<std::string>());
    });
    server.tool(tool("burn", TaskSupport::required),
                [](const Json&, Context& context) -> ToolResult {
                  context.continue_as_task({.poll_interval = 100ms});
                  throw Error(4711, "it burned", {{"smoke", true}});
                });
    server.deferred_tool(tool("simmer", TaskSupport::required),
                         [this](const Json&, Context& context, Responder responder) {
                           context.continue_as_task({.poll_interval = 100ms});
                           stopped = context.stop_token();
                           waiting.push_back(std::move(responder));
                         });
    auto [near, far] = make_memory_pair(runtime.loop(), runtime.loop());
    served.emplace(connect(server, runtime, std::move(far)));
    ClientOptions options;
    options.era = era;
    options.tasks = with_tasks;
    options.handlers.elicit_form = [this](const ElicitFormParams& form, const InputContext&) {
      asked.push_back(form.message);
      return ElicitResult{ElicitAction::accept, {{"name", "a pinch"}}};
    };
    options.observer.on_violation = [](const std::string& what) { FAIL_CHECK(what); };
    client.emplace(Client::open(runtime, std::move(near), options));
    runtime.run();
    // What up to 2025-11-25 tells the client which calls are to be tasks.
    Box<std::vector<Tool>> tools;
    client->list_tools({}, tools.callback());
    runtime.run();
    REQUIRE(tools.value().size() == 5);
  }
  ~Kitchen() {
    waiting.clear();
    client.reset();
    runtime.run();
    served.reset();
    runtime.run();
  }

  Box<ToolResult> start(const std::string& name, Json arguments = Json::object(),
                        CallOptions options = {}) {
    Box<ToolResult> box;
    options.on_task = [this](const std::string& id) { tasks.push_back(id); };
    client->call_tool(name, std::move(arguments), options, box.callback());
    runtime.run();
    return box;
  }
  void pass(Duration time) {
    for (Duration gone = 0ms; gone < time; gone += 50ms) {
      runtime.advance(50ms);
      runtime.run();
    }
  }

  ManualRuntime runtime;
  Server server;
  std::vector<Responder> waiting;
  std::stop_token stopped;
  std::vector<std::string> asked;
  std::vector<std::string> tasks;
  std::optional<ServedConnection> served;
  std::optional<Client> client;

 private:
  static ServerOptions quiet() {
    ServerOptions options;
    options.log = [](const auto&...) {};
    return options;
  }
};

std::string text_of(ToolResult& result) {
  return std::get<TextContent>(result.content.at(0)).text;
}

}  // namespace

TEST_CASE("the result of a task is the result of its call") {
  for (const Era era : {Era::session, Era::stateless}) {
    CAPTURE((era == Era::session ? "session" : "stateless"));
    Kitchen kitchen(era);
    auto baked = kitchen.start("bake", {{"cake", 1}});
    CHECK(kitchen.tasks.size() == 1);
    kitchen.pass(2s);
    CHECK(*baked.value().structured_content == Json{{"cake", 1}});
  }
}

TEST_CASE("a task's questions are asked, each once") {
  for (const Era era : {Era::session, Era::stateless}) {
    CAPTURE((era == Era::session ? "session" : "stateless"));
    Kitchen kitchen(era);
    auto seasoned = kitchen.start("season");
    kitchen.pass(1s);
    CHECK(text_of(seasoned.value()) == "a pinch and a pinch");
    CHECK(kitchen.asked == std::vector<std::string>{"How much?", "And pepper?"});
  }
}

TEST_CASE("a task that fails is a call that fails") {
  for (const Era era : {Era::session, Era::stateless}) {
    CAPTURE((era == Era::session ? "session" : "stateless"));
    Kitchen kitchen(era);
    auto burned = kitchen.start("burn");
    kitchen.pass(2s);
    CHECK(burned.error().kind() == CallError::Kind::answered);
    CHECK(std::string(burned.error().what()) == "it burned");
    CHECK(burned.error().code() == 4711);
  }
}

TEST_CASE("a call that is stopped, or takes too long, cancels its task") {
  for (const Era era : {Era::session, Era::stateless}) {
    CAPTURE((era == Era::session ? "session" : "stateless"));
    for (const bool stop : {true, false}) {
      Kitchen kitchen(era);
      std::stop_source source;
      CallOptions options;
      options.stop = source.get_token();
      options.max_timeout = 3s;
      auto simmering = kitchen.start("simmer", Json::object(), options);
      kitchen.pass(2s);
      CHECK(simmering.empty());
      CHECK_FALSE(kitchen.stopped.stop_requested());
      if (stop) source.request_stop();
      kitchen.pass(2s);
      CHECK(simmering.error().kind() ==
            (stop ? CallError::Kind::stopped : CallError::Kind::timed_out));
      CHECK(kitchen.stopped.stop_requested());
    }
  }
}

TEST_CASE("closing the client ends calls that are tasks") {
  Kitchen kitchen(Era::stateless);
  auto simmering = kitchen.start("simmer");
  kitchen.client->close([] {});
  kitchen.pass(200ms);
  CHECK(simmering.error().kind() == CallError::Kind::closed);
}

TEST_CASE("session: the caller decides whether an optional task is one") {
  Kitchen kitchen(Era::session);
  auto toasted = kitchen.start("toast");
  CHECK(text_of(toasted.value()) == "at once");
  CHECK(kitchen.tasks.empty());
  CallOptions options;
  options.as_task = true;
  auto task = kitchen.start("toast", Json::object(), options);
  kitchen.pass(2s);
  CHECK(text_of(task.value()) == "as a task");
  CHECK(kitchen.tasks.size() == 1);
}

TEST_CASE("a client without tasks is refused by tools that need one") {
  for (const Era era : {Era::session, Era::stateless}) {
    CAPTURE((era == Era::session ? "session" : "stateless"));
    Kitchen kitchen(era, false);
    CHECK(kitchen.start("bake").error().kind() == CallError::Kind::answered);
    auto toasted = kitchen.start("toast");
    CHECK(text_of(toasted.value()) == "at once");
  }
}

TEST_CASE("stateless: what a server says of a task must make sense") {
  const auto call = [](Stage& stage, Box<ToolResult>& box) {
    stage.go_stateless();
    stage.client->call_tool("bake", Json::object(), {}, box.callback());
    return stage.hear();
  };
  {
    Stage stage;
    Box<ToolResult> box;
    stage.answer(call(stage, box)["id"], R"({"resultType":"task","status":"working"})");
    CHECK(std::string(box.error().what()) ==
          "tools/call: invalid result: /taskId: expected a string");
  }
  {
    Stage stage;
    Box<ToolResult> box;
    stage.answer(call(stage, box)["id"],
                 R"({"resultType":"task","taskId":"t","status":"working","pollIntervalMs":-5})");
    stage.runtime.advance(1s);
    const Json get = stage.hear();
    CHECK(get["method"] == "tasks/get");
    CHECK(get["params"]["taskId"] == "t");
    stage.answer(get["id"], R"({"resultType":"complete","taskId":"t","status":"cooking"})");
    CHECK(std::string(box.error().what()) ==
          "tasks/get: invalid result: /status: no status of a task");
  }
  {
    Stage stage;  // nobody can answer its questions
    Box<ToolResult> box;
    stage.answer(call(stage, box)["id"],
                 R"({"resultType":"task","taskId":"t","status":"working","pollIntervalMs":50})");
    stage.runtime.advance(50ms);
    stage.answer(stage.hear()["id"],
                 R"({"resultType":"complete","taskId":"t","status":"input_required","inputRequests":
                    {"who":{"method":"roots/list"}}})");
    CHECK(stage.hear()["method"] == "tasks/cancel");
    CHECK(box.error().kind() == CallError::Kind::refused);
  }
}
