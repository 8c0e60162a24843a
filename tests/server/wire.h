#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <mcp/base/manual_runtime.h>
#include <mcp/server/connect.h>
#include <mcp/server/server.h>
#include <mcp/transport/memory.h>

#include "../wire/checked_transport.h"

namespace doctest {
template <>
struct StringMaker<std::vector<std::string>> {
  static String convert(const std::vector<std::string>& lines) {
    std::string all;
    for (const std::string& line : lines) all += "\n    " + line;
    return all.c_str();
  }
};
}  // namespace doctest

/// A client that is a text: the lines it sends and the lines it gets, in virtual time.
class Wire final : public mcp::Transport::Handler {
 public:
  explicit Wire(mcp::Server& server, const mcp::ManualRuntimeOptions& options = {})
      : runtime(options) {
    auto [ours, theirs] = mcp::make_memory_pair(runtime.loop(), runtime.loop());
    client_ = std::move(theirs);
    client_->start(*this);
    connection_ = std::make_unique<mcp::ServedConnection>(
        mcp::connect(server, runtime, checked(std::move(ours))));
    runtime.run();
  }
  ~Wire() override {
    connection_.reset();
    runtime.run();
  }

  /// Sends one line without running anything.
  void post(std::string_view line) { client_->send(std::string(line)); }
  /// Sends one line, lets everything happen that can, and gives what the server said.
  std::vector<std::string> say(std::string_view line) {
    post(line);
    runtime.run();
    return heard();
  }
  /// The same when exactly one line is the answer.
  std::string ask(std::string_view line) {
    const auto lines = say(line);
    REQUIRE_MESSAGE(lines.size() == 1, "lines: " << lines.size());
    return lines[0];
  }
  std::vector<std::string> heard() { return std::exchange(lines_, {}); }
  std::string heard_one() {
    const auto lines = heard();
    REQUIRE_MESSAGE(lines.size() == 1, "lines: " << lines.size());
    return lines[0];
  }
  bool open() const { return !closed_; }
  void close() { client_->close(); }

  /// `initialize` and `notifications/initialized`.
  void initialize(const std::string& revision = "2025-11-25",
                  const std::string& capabilities =
                      R"({"elicitation":{"form":{},"url":{}},"roots":{},"sampling":{}})") {
    say(R"({"jsonrpc":"2.0","id":"init","method":"initialize","params":{"protocolVersion":")" +
        revision + R"(","capabilities":)" + capabilities +
        R"(,"clientInfo":{"name":"test","version":"1"}}})");
    say(R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
  }

  mcp::ManualRuntime runtime;

 private:
  void message(std::string_view bytes) override { lines_.emplace_back(bytes); }
  void oversized(std::size_t) override {}
  void closed(const std::string&) override { closed_ = true; }

  std::unique_ptr<mcp::Transport> client_;
  std::unique_ptr<mcp::ServedConnection> connection_;
  std::vector<std::string> lines_;
  bool closed_ = false;
};

/// A request of the stateless era; `members` are those of params, such as `"name":"x"`.
inline std::string modern(const std::string& id, const std::string& method,
                          const std::string& members = "",
                          const std::string& capabilities =
                              R"({"elicitation":{"form":{},"url":{}},"roots":{},"sampling":{}})",
                          const std::string& more_meta = "") {
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":")" + method + R"(","params":{)" +
         members + (members.empty() ? "" : ",") +
         R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)" + more_meta +
         R"("io.modelcontextprotocol/clientCapabilities":)" + capabilities + "}}}";
}

/// A result of the stateless era that names the server of `plain_server`; `members` come between
/// `_meta` and `resultType`.
inline std::string modern_result(const std::string& id, const std::string& members,
                                 const std::string& type = "complete") {
  return R"({"jsonrpc":"2.0","id":)" + id +
         R"(,"result":{"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"test","version":"1"}},)" +
         members + R"(,"resultType":")" + type + R"("}})";
}

inline std::string text_result(const std::string& id, const std::string& text) {
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"result":{"content":[{"text":")" + text +
         R"(","type":"text"}]}})";
}
inline std::string modern_text_result(const std::string& id, const std::string& text) {
  return modern_result(id, R"("content":[{"text":")" + text + R"(","type":"text"}])");
}

/// Cuts the opaque state out of a result.
inline std::string state_of(const std::string& line) {
  static const std::string before = R"("requestState":")";
  const auto begin = line.find(before);
  REQUIRE(begin != std::string::npos);
  const auto from = begin + before.size();
  return line.substr(from, line.find('"', from) - from);
}
/// The line with STATE in place of the opaque state.
inline std::string masked(std::string line) {
  const std::string state = state_of(line);
  return line.replace(line.find(state), state.size(), "STATE");
}

/// What a server under test writes to its log.
struct Journal {
  std::vector<std::string> lines;
  mcp::Logger logger() {
    return [this](mcp::LogSeverity, std::string_view line) { lines.emplace_back(line); };
  }
};

inline mcp::ServerOptions quiet(mcp::ServerOptions options = {}) {
  if (!options.log) options.log = [](mcp::LogSeverity, std::string_view) {};
  return options;
}
