#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <mcp/base/manual_runtime.h>
#include <mcp/client/client.h>
#include <mcp/transport/memory.h>

#include "../wire/checked_transport.h"

namespace mcp::test {

/// A server whose every word is written in the test.
class ScriptedServer : public Transport::Handler {
 public:
  explicit ScriptedServer(std::unique_ptr<Transport> transport) : transport_(std::move(transport)) {
    transport_->start(*this);
  }

  void say(const std::string& line) { transport_->send(line); }
  void die() { transport_->close(); }

  std::deque<Json> heard;
  bool gone = false;

 private:
  void message(std::string_view bytes) override { heard.push_back(Json::parse(bytes)); }
  void oversized(std::size_t) override {}
  void closed(const std::string&) override { gone = true; }

  std::unique_ptr<Transport> transport_;
};

inline const std::string discover_answer =
    R"({"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{"listChanged":true},"resources":{"subscribe":true,"listChanged":true},"prompts":{}},"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"scripted","version":"1"}},"ttlMs":0,"cacheScope":"private"})";
inline const std::string initialize_answer =
    R"({"protocolVersion":"2025-11-25","capabilities":{"tools":{"listChanged":true},"resources":{"subscribe":true,"listChanged":true},"logging":{}},"serverInfo":{"name":"scripted","version":"1"}})";

/// A pipe that takes nothing more while `full` is true.
class ShuttablePipe : public Transport {
 public:
  ShuttablePipe(std::unique_ptr<Transport> inner, const bool& full)
      : inner_(std::move(inner)), full_(full) {}
  void start(Handler& handler) override { inner_->start(handler); }
  bool send(std::string bytes) override { return !full_ && inner_->send(std::move(bytes)); }
  void close() override { inner_->close(); }

 private:
  std::unique_ptr<Transport> inner_;
  const bool& full_;
};

/// A client and its server on one runtime in virtual time.
class Stage {
 public:
  explicit Stage(ClientOptions options = {}) {
    options.info = {.name = "tester", .version = "1"};
    watch(options);
    auto [near, far] = make_memory_pair(runtime.loop(), runtime.loop());
    servers.push_back(std::make_unique<ScriptedServer>(std::move(far)));
    std::unique_ptr<Transport> pipe =
        std::make_unique<ShuttablePipe>(checked(std::move(near)), pipe_is_full);
    client.emplace(Client::open(runtime, std::move(pipe), options, ready()));
    runtime.run();
  }

  /// With `reopening`, the target can be opened as often as the client likes.
  struct Reopening {};
  Stage(Reopening, ClientOptions options = {}, const std::string& key = "scripted") {
    options.info = {.name = "tester", .version = "1"};
    watch(options);
    client.emplace(Client::open(runtime, reopening(key), options, ready()));
    runtime.run();
  }

  ~Stage() {
    client.reset();
    runtime.run();
  }

  Target reopening(const std::string& key) {
    return Target(key, [this](Runtime& opened, auto) {
      if (refuse_to_start) throw std::runtime_error("no such program");
      auto [near, far] = make_memory_pair(opened.loop(), opened.loop());
      servers.push_back(std::make_unique<ScriptedServer>(std::move(far)));
      return checked(std::move(near));
    });
  }

  ScriptedServer& server() { return *servers.back(); }

  void say(const std::string& line) {
    server().say(line);
    runtime.run();
  }
  /// Answers the request of this id.
  void answer(const Json& id, const std::string& result) {
    say(R"({"jsonrpc":"2.0","id":)" + id.dump() + R"(,"result":)" + result + "}");
  }
  void answer_error(const Json& id, const std::string& error) {
    say(R"({"jsonrpc":"2.0","id":)" + id.dump() + R"(,"error":)" + error + "}");
  }
  /// The next message that the server heard; null when there is none.
  Json hear() {
    runtime.run();
    if (server().heard.empty()) return nullptr;
    Json message = server().heard.front();
    server().heard.pop_front();
    return message;
  }

  /// Past the probe, in either era.
  void go_stateless() {
    Json probe = hear();
    REQUIRE(probe["method"] == "server/discover");
    answer(probe["id"], discover_answer);
    REQUIRE(found);
  }
  void go_session(const std::string& result = initialize_answer) {
    Json first = hear();
    if (first["method"] == "server/discover") {
      answer_error(first["id"], R"({"code":-32601,"message":"Method not found"})");
      first = hear();
    }
    REQUIRE(first["method"] == "initialize");
    answer(first["id"], result);
    REQUIRE(hear()["method"] == "notifications/initialized");
    REQUIRE(found);
  }

  Callback<ServerInfo> ready() {
    return [this](Outcome<ServerInfo> outcome) {
      if (outcome.ok()) found = outcome.value();
      if (!outcome.ok()) failure.emplace(outcome.error());
    };
  }

  bool pipe_is_full = false;  ///< from the client to the server
  ManualRuntime runtime;
  std::vector<std::unique_ptr<ScriptedServer>> servers;
  std::optional<Client> client;
  std::optional<ServerInfo> found;
  std::optional<CallError> failure;
  std::vector<std::string> violations;
  bool refuse_to_start = false;

 private:
  void watch(ClientOptions& options) {
    options.observer.on_violation = [this](const std::string& what) { violations.push_back(what); };
  }
};

/// Where a callback leaves its outcome.
template <class T>
class Box {
 public:
  Callback<T> callback() {
    return [held = held_](Outcome<T> outcome) {
      CHECK_FALSE(held->has_value());  // exactly once
      held->emplace(std::move(outcome));
    };
  }
  bool empty() const { return !held_->has_value(); }
  bool ok() const { return !empty() && (*held_)->ok(); }
  T& value() {
    REQUIRE(ok());
    return (*held_)->value();
  }
  const CallError& error() const {
    REQUIRE_FALSE(empty());
    REQUIRE_FALSE((*held_)->ok());
    return (*held_)->error();
  }

 private:
  std::shared_ptr<std::optional<Outcome<T>>> held_ = std::make_shared<std::optional<Outcome<T>>>();
};

}  // namespace mcp::test
