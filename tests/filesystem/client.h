#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <mcp/base/manual_runtime.h>
#include <mcp/server/connect.h>
#include <mcp/transport/memory.h>

#include "servers/filesystem/server.h"
#include "tests/filesystem/fixture.h"
#include "tests/wire/checked_transport.h"

namespace fairlead::filesystem::testing {

using mcp::Json;

/// A client of the server, messages in and messages out, in virtual time. Of the stateless era
/// until `initialize`.
class Client : mcp::Transport::Handler {
 public:
  explicit Client(const Folder& folder, const Options& options = {}, Links links = Links::named)
      : Client(std::make_shared<const Sandbox>(folder.sandbox(Following::kernel, links)), options) {
  }
  explicit Client(const std::shared_ptr<const Sandbox>& sandbox, const Options& options = {})
      : server_(make_server(sandbox, options)) {
    auto [ours, theirs] = mcp::make_memory_pair(runtime_.loop(), runtime_.loop());
    transport_ = std::move(ours);
    connection_.emplace(mcp::connect(*server_, runtime_, checked(std::move(theirs))));
    transport_->start(*this);
    runtime_.run();
  }
  ~Client() override {
    transport_->close();
    runtime_.run();
  }

  void initialize() {
    ask("initialize", {{"protocolVersion", "2025-11-25"},
                       {"capabilities", capabilities},
                       {"clientInfo", {{"name", "t"}, {"version", "1"}}}});
    in_session_ = true;
    send({{"jsonrpc", "2.0"}, {"method", "notifications/initialized"}});
  }
  void send(const Json& message) {
    transport_->send(message.dump());
    runtime_.run();
  }
  /// The answer; what the server asks meanwhile is answered by `answers`.
  Json ask(const std::string& method, Json params = Json::object()) {
    if (!in_session_ && method != "initialize") {
      params["_meta"]["io.modelcontextprotocol/protocolVersion"] = "2026-07-28";
      params["_meta"]["io.modelcontextprotocol/clientInfo"] = {{"name", "t"}, {"version", "1"}};
      params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = capabilities;
    }
    const int id = ++last_id_;
    send({{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}});
    for (const Json& message : received) {
      if (message.contains("id") && message["id"] == id && !message.contains("method")) {
        return message;
      }
    }
    FAIL("no answer to " << method);
    return {};
  }
  Json call(const std::string& tool, const Json& arguments) {
    const Json answer = ask("tools/call", {{"name", tool}, {"arguments", arguments}});
    INFO(answer.dump());
    REQUIRE(answer.contains("result"));
    return answer["result"];
  }
  std::string text(const std::string& tool, const Json& arguments) {
    return call(tool, arguments)["content"][0]["text"];
  }

  /// The next notification of this method, which another thread of the server brings about.
  Json wait_for_message(const std::string& method) {
    for (const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
         std::chrono::steady_clock::now() < end; std::this_thread::yield()) {
      runtime_.run();
      for (const Json& message : received) {
        if (message.value("method", "") == method) return message;
      }
    }
    FAIL("no " << method);
    return {};
  }

  Json capabilities = Json::object();
  /// Results for what the server asks, by method.
  std::map<std::string, Json> answers;
  /// All that the server said.
  std::vector<Json> received;

 private:
  void message(std::string_view bytes) override {
    received.push_back(Json::parse(bytes));
    const Json& said = received.back();
    if (!said.contains("method") || !said.contains("id")) return;
    const auto answer = answers.find(said["method"].get<std::string>());
    REQUIRE_MESSAGE(answer != answers.end(), said.dump());
    transport_->send(
        Json{{"jsonrpc", "2.0"}, {"id", said["id"]}, {"result", answer->second}}.dump());
  }
  void oversized(std::size_t) override {}
  void closed(const std::string&) override {}

  mcp::ManualRuntime runtime_;
  std::unique_ptr<FilesystemServer> server_;
  std::unique_ptr<mcp::Transport> transport_;
  std::optional<mcp::ServedConnection> connection_;
  bool in_session_ = false;
  int last_id_ = 0;
};

}  // namespace fairlead::filesystem::testing
