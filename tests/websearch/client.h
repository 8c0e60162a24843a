#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <mcp/base/manual_runtime.h>
#include <mcp/server/connect.h>
#include <mcp/transport/memory.h>

#include "servers/websearch/server.h"
#include "tests/websearch/test_internet.h"

namespace fairlead::websearch::testing {

/// The server as a client sees it: messages in, messages out. Its web is the test internet.
class Client : mcp::Transport::Handler {
 public:
  explicit Client(TestInternet& internet, Options options = {}) {
    options.web = internet.options();
    server_ = make_server(options, internet.connector(), internet.resolver());
    auto [ours, theirs] = mcp::make_memory_pair(runtime_.loop(), runtime_.loop());
    transport_ = std::move(ours);
    connection_.emplace(mcp::connect(*server_, runtime_, std::move(theirs)));
    transport_->start(*this);
    runtime_.run();
  }
  ~Client() override {
    transport_->close();
    runtime_.run();
  }
  mcp::Json ask(const std::string& method, mcp::Json params = mcp::Json::object()) {
    params["_meta"] = {{"io.modelcontextprotocol/protocolVersion", "2026-07-28"},
                       {"io.modelcontextprotocol/clientInfo", {{"name", "t"}, {"version", "1"}}},
                       {"io.modelcontextprotocol/clientCapabilities", mcp::Json::object()}};
    const int id = ++last_id_;
    transport_->send(
        mcp::Json{{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}}.dump());
    runtime_.run();
    for (const mcp::Json& message : received_) {
      if (message.contains("id") && message["id"] == id) return message;
    }
    FAIL("no answer to " << method);
    return {};
  }
  mcp::Json call(const std::string& tool, const mcp::Json& arguments) {
    const mcp::Json answer = ask("tools/call", {{"name", tool}, {"arguments", arguments}});
    INFO(answer.dump());
    REQUIRE(answer.contains("result"));
    return answer["result"];
  }
  std::string text(const std::string& tool, const mcp::Json& arguments) {
    return call(tool, arguments)["content"][0]["text"];
  }

 private:
  void message(std::string_view bytes) override { received_.push_back(mcp::Json::parse(bytes)); }
  void oversized(std::size_t) override {}
  void closed(const std::string&) override {}

  mcp::ManualRuntime runtime_;
  std::unique_ptr<mcp::Server> server_;
  std::unique_ptr<mcp::Transport> transport_;
  std::optional<mcp::ServedConnection> connection_;
  std::vector<mcp::Json> received_;
  int last_id_ = 0;
};

}  // namespace fairlead::websearch::testing
