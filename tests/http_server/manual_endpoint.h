#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <mcp/base/manual_runtime.h>
#include <mcp/server/engine.h>
#include <mcp/server/http_endpoint.h>

/// What is answered to one request.
class Written final : public mcp::HttpExchange {
 public:
  void accept() override { accepted = true; }
  void respond(mcp::HttpResponse answer) override { response = std::move(answer); }
  void begin_stream(const mcp::HttpHeaders&, std::string_view first) override {
    streams = true;
    bytes += first;
  }
  bool write(std::string_view more) override {
    bytes += more;
    return true;
  }
  void end(std::string_view last) override {
    bytes += last;
    ended = true;
  }
  void on_gone(std::function<void()> then) override { gone = std::move(then); }

  std::string take() { return std::exchange(bytes, {}); }

  mcp::HttpResponse response;
  std::string bytes;
  std::function<void()> gone;
  bool accepted = false;
  bool streams = false;
  bool ended = false;
};

/// A request as its wire form says it.
inline mcp::HttpRequest request_of(const std::string& wire) {
  mcp::HttpRequest request;
  const std::size_t head_end = wire.find("\r\n\r\n");
  request.body = wire.substr(head_end + 4);
  request.method = wire.substr(0, wire.find(' '));
  const std::size_t path = request.method.size() + 1;
  request.path = wire.substr(path, wire.find(' ', path) - path);
  request.peer = "127.0.0.1";
  for (std::size_t at = wire.find("\r\n"); at < head_end;) {
    const std::size_t end = wire.find("\r\n", at + 2);
    const std::string line = wire.substr(at + 2, end - at - 2);
    std::string name = line.substr(0, line.find(':'));
    for (char& c : name) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    request.headers.emplace_back(name, line.substr(line.find(": ") + 2));
    at = end;
  }
  return request;
}

/// A server in virtual time: the endpoint without a socket.
struct ManualEndpoint {
  explicit ManualEndpoint(std::size_t queue_limit = 2, mcp::HttpOptions options = {})
      : runtime({.queue_limit = queue_limit}),
        endpoint(mcp::server::Engine::create(server, runtime), std::move(options)) {}
  /// Every client leaves.
  ~ManualEndpoint() {
    on_loop([&] {
      for (const auto& exchange : exchanges) {
        if (const auto gone = std::exchange(exchange->gone, {})) gone();
      }
    });
  }
  std::shared_ptr<Written> ask(const std::string& wire) {
    const auto exchange = sent(wire);
    runtime.run();
    return exchange;
  }
  /// The same; no worker has time for it.
  std::shared_ptr<Written> ask_while_busy(const std::string& wire,
                                          const std::string& peer = "127.0.0.1") {
    const auto exchange = sent(wire, peer);
    runtime.run_loop();
    return exchange;
  }
  void on_loop(const std::function<void()>& what) {
    runtime.loop().post([&] { what(); });
    runtime.run();
  }

  std::vector<std::shared_ptr<Written>> exchanges;
  mcp::ManualRuntime runtime;
  mcp::Server server{
      {.name = "test", .version = "1"},
      {.declare = {.tools = true}, .log = [](mcp::LogSeverity, std::string_view) {}}};
  mcp::server::HttpEndpoint endpoint;

 private:
  std::shared_ptr<Written> sent(const std::string& wire, const std::string& peer = "127.0.0.1") {
    const auto exchange = exchanges.emplace_back(std::make_shared<Written>());
    mcp::HttpRequest asked = request_of(wire);
    asked.peer = peer;
    runtime.loop().post([this, exchange, request = std::move(asked)] {
      endpoint.head(request, exchange);
      REQUIRE(exchange->accepted);
      endpoint.request(request, exchange);
    });
    return exchange;
  }
};
