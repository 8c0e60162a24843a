// Calls that go on as tasks, as 2025-11-25 has them.

#include <map>
#include <memory>
#include <string>
#include <utility>

#include <mcp/server/connection.h>
#include <mcp/server/engine.h>

#include "tasking.h"

namespace {

std::string session_call(const std::string& id, const std::string& tool,
                         const std::string& task = R"("task":{"ttl":60000},)") {
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":"tools/call","params":{)" + task +
         R"("arguments":{},"name":")" + tool + R"("}})";
}
std::string session_about(const std::string& id, const std::string& method,
                          const std::string& task) {
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":"tasks/)" + method +
         R"(","params":{"taskId":")" + task + R"("}})";
}
/// The task of the response among `lines`, which may hold its status notifications too.
std::string created_id(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) {
    const Json message = Json::parse(line);
    if (message.contains("result")) return id_of(message["result"]["task"]);
  }
  FAIL("no response");
  return {};
}

}  // namespace

TEST_CASE("2025-11-25: the client opts in; result blocks and names the task; status is told") {
  Tasking tasking;
  Wire wire(tasking.server);
  const Json offered = result(wire.ask(
      R"({"jsonrpc":"2.0","id":"i","method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"test","version":"1"}}})"))
      ["capabilities"];
  CHECK(offered["tasks"] == Json::parse(R"({"cancel":{},"requests":{"tools":{"call":{}}}})"));
  CHECK_FALSE(offered.contains("extensions"));
  wire.say(R"({"jsonrpc":"2.0","method":"notifications/initialized"})");

  auto lines = wire.say(session_call("1", "parked"));
  REQUIRE(lines.size() == 1);
  const Json created = result(lines[0])["task"];
  CHECK(created["status"] == "working");
  CHECK(created["ttl"] == 60000);
  CHECK(created["pollInterval"] == 1000);
  CHECK_FALSE(result(lines[0]).contains("resultType"));
  const std::string id = id_of(created);
  CHECK(result(wire.ask(session_about("2", "get", id)))["status"] == "working");
  CHECK(wire.say(session_about("3", "result", id)).empty());

  tasking.held->finish(mcp::text("done"));
  tasking.held.reset();
  wire.runtime.run();
  lines = wire.heard();
  REQUIRE(lines.size() == 2);
  const Json told = Json::parse(lines[0]);
  CHECK(told["method"] == "notifications/tasks/status");
  CHECK(told["params"]["status"] == "completed");
  CHECK(told["params"]["taskId"] == id);
  CHECK(
      lines[1] ==
      R"({"jsonrpc":"2.0","id":3,"result":{"_meta":{"io.modelcontextprotocol/related-task":{"taskId":")" +
          id + R"("}},"content":[{"text":"done","type":"text"}]}})");
  CHECK(error(wire.ask(session_about("4", "cancel", id)))["code"] == -32602);
  CHECK(error(wire.ask(session_about("5", "update", id)))["code"] == -32601);
  CHECK(error(wire.ask(session_about("6", "list", id)))["code"] == -32601);
  CHECK(error(wire.ask(session_about("7", "get", "other")))["code"] == -32602);
}

TEST_CASE("2025-11-25: tools that need a task, tools that can't be one, and a failed one") {
  Tasking tasking;
  Wire wire(tasking.server);
  wire.initialize();
  CHECK(error(wire.ask(session_call("1", "only", "")))["code"] == -32601);
  CHECK(error(wire.ask(session_call("2", "plain")))["code"] == -32601);
  CHECK(error(wire.ask(session_call("3", "work", R"("task":5,)")))["code"] == -32602);
  const auto at_once = wire.say(session_call("4", "work", ""));
  CHECK(at_once.back() == text_result("4", "worked at once"));

  const std::string failed = created_id(wire.say(session_call("5", "only")));
  CHECK(result(wire.ask(session_about("6", "get", failed)))["status"] == "failed");
  CHECK(result(wire.ask(session_about("7", "result", failed)))["isError"] == true);
  const std::string broken = created_id(wire.say(session_call("8", "breaks")));
  CHECK(error(wire.ask(session_about("9", "result", broken))) ==
        Json::parse(R"({"code":-32603,"message":"broken"})"));
}

TEST_CASE("2025-11-25: cancelling ends the waiting for the result too") {
  Tasking tasking;
  Wire wire(tasking.server);
  wire.initialize();
  const std::string id = created_id(wire.say(session_call("1", "parked")));
  CHECK(wire.say(session_about("2", "result", id)).empty());
  std::vector<std::string> lines = wire.say(session_about("3", "cancel", id));
  REQUIRE(lines.size() == 3);
  int answers = 0;
  for (const std::string& line : lines) {
    const Json message = Json::parse(line);
    if (message.value("id", Json()) == 2) {
      ++answers;
      CHECK(message["error"]["message"] == "the task was cancelled");
    }
    if (message.value("id", Json()) == 3) {
      ++answers;
      CHECK(message["result"]["status"] == "cancelled");
    }
  }
  CHECK(answers == 2);
  CHECK(tasking.held->stop_token().stop_requested());
  tasking.held.reset();
}

TEST_CASE("2025-11-25: questions go out where the client waits for the result") {
  Tasking tasking;
  Wire wire(tasking.server);
  wire.initialize();
  const std::string id = created_id(wire.say(session_call("1", "insists")));
  CHECK(result(wire.ask(session_about("2", "get", id)))["status"] == "input_required");
  const Json question = Json::parse(wire.ask(session_about("3", "result", id)));
  CHECK(question["method"] == "elicitation/create");
  CHECK(question["params"]["message"] == "Sure?");
  CHECK(question["params"]["_meta"]["io.modelcontextprotocol/related-task"]["taskId"] == id);
  const auto lines = wire.say(R"({"jsonrpc":"2.0","id":)" + question["id"].dump() +
                              R"(,"result":{"action":"accept","content":{"sure":true}}})");
  CHECK(result(lines.back())["content"][0]["text"] == "sure");
}

TEST_CASE("2025-11-25: who waited first and left is not asked; who comes next is") {
  Tasking tasking;
  Wire wire(tasking.server);
  wire.initialize();
  const std::string id = created_id(wire.say(session_call("1", "insists")));
  wire.ask(session_about("2", "result", id));
  wire.say(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}})");
  const Json question = Json::parse(wire.say(session_about("3", "result", id)).back());
  CHECK(question["method"] == "elicitation/create");
  const auto lines = wire.say(R"({"jsonrpc":"2.0","id":)" + question["id"].dump() +
                              R"(,"result":{"action":"decline"}})");
  CHECK(Json::parse(lines.back())["id"] == 3);
}

TEST_CASE("2025-11-25: the progress token is good until the task ends; stateless tasks tell none") {
  Tasking tasking;
  Wire wire(tasking.server);
  wire.initialize();
  wire.say(
      session_call("1", "parked", R"("task":{"ttl":60000},"_meta":{"progressToken":"token"},)"));
  tasking.held->progress(1, "half");
  wire.runtime.run();
  const Json told = Json::parse(wire.heard_one());
  CHECK(told["method"] == "notifications/progress");
  CHECK(told["params"]["progressToken"] == "token");
  CHECK(told["params"]["message"] == "half");
  CHECK(told["params"]["_meta"].contains("io.modelcontextprotocol/related-task"));
  tasking.held->finish(mcp::text("done"));
  wire.runtime.run();
  CHECK(wire.heard_one().find("notifications/tasks/status") != std::string::npos);
  tasking.held->progress(2);
  tasking.held.reset();
  wire.runtime.run();
  CHECK(wire.heard().empty());

  wire.ask(modern("2", "tools/call", R"("arguments":{},"name":"parked")", with_tasks,
                  R"("progressToken":"token",)"));
  tasking.held->progress(1);
  wire.runtime.run();
  CHECK(wire.heard().empty());
  tasking.held.reset();
}

TEST_CASE("2025-11-25: callers that are identified list their tasks, and nobody else's") {
  Tasking tasking;
  mcp::ManualRuntime runtime;
  auto engine = mcp::server::Engine::create(tasking.server, runtime);
  struct Session {
    std::shared_ptr<Lines> outlet = std::make_shared<Lines>();
    std::shared_ptr<mcp::server::Connection> connection;
  };
  std::map<std::string, Session> sessions;
  const auto say = [&](const std::string& principal, const std::string& line) {
    Session& session = sessions[principal];
    runtime.loop().post([&] {
      if (!session.connection) session.connection = engine->connect(session.outlet);
      session.connection->receive(line, {session.outlet, principal});
    });
    runtime.run();
    return std::exchange(session.outlet->lines, {});
  };
  for (const char* principal : {"ada", "eve"}) {
    const auto offered = say(
        principal,
        R"({"jsonrpc":"2.0","id":"i","method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"test","version":"1"}}})");
    CHECK(result(offered.at(0))["capabilities"]["tasks"].contains("list"));
    say(principal, R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
  }
  const std::string hers = created_id(say("ada", session_call("1", "parked")));
  created_id(say("eve", session_call("1", "work")));
  const Json listed =
      result(say("ada", R"({"jsonrpc":"2.0","id":2,"method":"tasks/list"})").at(0))["tasks"];
  REQUIRE(listed.size() == 1);
  CHECK(listed[0]["taskId"] == hers);
  CHECK(listed[0]["status"] == "working");
  tasking.held.reset();
  runtime.loop().post([&] {
    for (auto& [name, session] : sessions) {
      session.connection->close();
      session.connection.reset();
    }
  });
  runtime.run();
}
