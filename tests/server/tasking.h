#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <mcp/server/outlet.h>

#include "asking.h"

using mcp::Json;
using mcp::TaskSupport;

inline constexpr const char* with_tasks =
    R"({"elicitation":{},"extensions":{"io.modelcontextprotocol/tasks":{}}})";

/// A server whose tools become tasks, each in its own way.
struct Tasking {
  mcp::Server server;
  int runs = 0;
  bool stopped = false;

  explicit Tasking(mcp::ServerOptions options = {})
      : server({.name = "test", .version = "1"}, quiet(std::move(options))) {
    const mcp::ToolOptions optional{.task_support = TaskSupport::optional};
    const mcp::ToolOptions required{.task_support = TaskSupport::required};
    server.tool(
        "work", "",
        [](const None&, Context& ctx) {
          const bool task = ctx.continue_as_task(
              {.ttl = std::chrono::minutes(5), .poll_interval = std::chrono::seconds(2)});
          ctx.log(mcp::LoggingLevel::error, "working");
          return mcp::text(task ? "worked as a task" : "worked at once");
        },
        optional);
    server.tool(
        "only", "",
        [](const None&, Context& ctx) -> ToolResult {
          ctx.continue_as_task();
          throw mcp::ToolError("no luck");
        },
        required);
    server.tool(
        "breaks", "",
        [](const None&, Context& ctx) -> ToolResult {
          ctx.continue_as_task();
          throw mcp::Error(-32603, "broken");
        },
        optional);
    server.tool(
        "asks", "",
        [this](const None&, Context& ctx) {
          ++runs;
          const auto before = ctx.elicit<Name>("before", "Who?");
          ctx.continue_as_task();
          const auto [one, two] =
              ctx.ask_all(mcp::elicit<Name>("one", "One?"), mcp::elicit<Name>("two", "Two?"));
          return mcp::text(before->name + " " + one->name + " " + two->name);
        },
        optional);
    server.tool(
        "insists", "",
        [](const None&, Context& ctx) {
          ctx.continue_as_task();
          return mcp::text(ctx.elicit<Sure>("sure", "Sure?")->sure ? "sure" : "not sure");
        },
        optional);
    mcp::Tool parked{.name = "parked", .task_support = TaskSupport::optional};
    server.deferred_tool(parked, [this](const Json&, Context& ctx, mcp::Responder responder) {
      ctx.continue_as_task();
      held = responder;
    });
    server.tool("plain", "", [](const None&, Context& ctx) {
      ctx.continue_as_task();
      return mcp::text("never");
    });
  }

  std::optional<mcp::Responder> held;
};

inline std::string task_call(const std::string& id, const std::string& tool,
                             const std::string& more = "") {
  return modern(id, "tools/call", R"("arguments":{},"name":")" + tool + "\"" + more, with_tasks);
}
inline std::string about(const std::string& id, const std::string& method, const std::string& task,
                         const std::string& more = "",
                         const std::string& capabilities = with_tasks) {
  return modern(id, "tasks/" + method, R"("taskId":")" + task + "\"" + more, capabilities);
}
inline Json result(const std::string& line) {
  const Json message = Json::parse(line);
  REQUIRE_MESSAGE(message.contains("result"), line);
  return message["result"];
}
inline Json error(const std::string& line) {
  const Json message = Json::parse(line);
  REQUIRE_MESSAGE(message.contains("error"), line);
  return message["error"];
}
inline std::string id_of(const Json& task) {
  return task["taskId"].get<std::string>();
}

/// A client that keeps what it is told.
struct Lines final : mcp::server::Outlet {
  std::vector<std::string> lines;
  bool send(mcp::server::Outbound message) override {
    lines.push_back(message.bytes);
    return true;
  }
};
