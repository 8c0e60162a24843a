#pragma once

#include <doctest/doctest.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include <mcp/server/http_service.h>
#include <mcp/server/server.h>

#include "raw_client.h"

struct Nothing {};
struct Word {
  std::string word;
};
struct Sure {
  bool sure;
};

/// A gate that handlers of the test server wait at.
class Gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  bool is_open() const {
    const std::lock_guard lock(mutex_);
    return open_;
  }
  /// False when the call was cancelled first.
  bool wait(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    return changed_.wait(lock, stop, [&] { return open_; });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  bool open_ = false;
};

/// A server with a few tools, listening on a free port.
class Serving {
 public:
  explicit Serving(mcp::HttpOptions options = {})
      : server({.name = "test", .version = "1"},
               {.declare = {.resources = true}, .log = [](mcp::LogSeverity, std::string_view) {}}),
        runtime(mcp::make_runtime()) {
    server.tool("echo", "Repeats", [](const Word& in) { return mcp::text(in.word); });
    server.tool("tell", "Tells its progress", [](const Nothing&, mcp::Context& ctx) {
      ctx.log(mcp::LoggingLevel::info, "working");
      return mcp::text("told");
    });
    server.tool("wait", "Waits at the gate", [this](const Nothing&, mcp::Context& ctx) {
      started.open();
      const bool opened = gate.wait(ctx.stop_token());
      if (!opened) stopped.open();
      return mcp::text(opened ? "through" : "stopped");
    });
    server.tool("release", "Lets go, then waits at the gate",
                [this](const Nothing&, mcp::Context& ctx) {
                  ctx.release_connection(std::chrono::milliseconds(250));
                  gate.wait(ctx.stop_token());
                  return mcp::text("released");
                });
    server.tool("confirm", "Asks", [](const Nothing&, mcp::Context& ctx) {
      const auto answer = ctx.elicit<Sure>("sure", "Sure?");
      return mcp::text(answer.accepted() && answer->sure ? "sure" : "not sure");
    });
    const mcp::Json mirrored = {
        {"type", "object"},
        {"properties", {{"region", {{"type", "string"}, {"x-mcp-header", "Region"}}}}}};
    server.tool({.name = "mirrored", .description = "Has a header", .input_schema = mirrored},
                [](const mcp::Json& arguments, mcp::Context&) {
                  return mcp::text(arguments.value("region", "none"));
                });
    service = std::make_unique<mcp::HttpService>(server, *runtime, std::move(options));
  }
  ~Serving() {
    gate.open();
    service.reset();
  }

  RawClient client() const { return RawClient(service->port()); }

  Gate gate;
  Gate started;
  Gate stopped;
  mcp::Server server;
  std::unique_ptr<mcp::Runtime> runtime;
  std::unique_ptr<mcp::HttpService> service;
};

/// Initializes a session and returns the line of its header.
inline std::string session(RawClient& client, const std::string& revision = "2025-11-25") {
  const auto answer = client.ask(post(initialize(revision)));
  REQUIRE(answer.status == 200);
  const std::string header = "Mcp-Session-Id: " + answer.header("Mcp-Session-Id") +
                             "\r\nMCP-Protocol-Version: " + revision + "\r\n";
  REQUIRE(client.ask(post(R"({"jsonrpc":"2.0","method":"notifications/initialized"})", header))
              .status == 202);
  return header;
}

inline std::string call(const std::string& id, const std::string& tool,
                        const std::string& members = "") {
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":"tools/call","params":{"name":")" + tool +
         "\"" + (members.empty() ? "" : "," + members) + "}}";
}
