// Streams on which nothing happens, in virtual time: the endpoint without a socket.

#include <utility>
#include <vector>

#include <mcp/base/manual_runtime.h>
#include <mcp/server/engine.h>
#include <mcp/server/http_endpoint.h>

#include "fixture.h"

namespace {

/// What is answered to one request.
class Written final : public mcp::HttpExchange {
 public:
  void accept() override { accepted = true; }
  void respond(mcp::HttpResponse answer) override { response = std::move(answer); }
  void begin_stream(const mcp::HttpHeaders&) override { streams = true; }
  bool write(std::string_view more) override {
    bytes += more;
    return true;
  }
  void end() override { ended = true; }
  void on_gone(std::function<void()> then) override { gone = std::move(then); }

  std::string take() { return std::exchange(bytes, {}); }

  mcp::HttpResponse response;
  std::string bytes;
  std::function<void()> gone;
  bool accepted = false;
  bool streams = false;
  bool ended = false;
};

/// The headers and the body of a request as it would go over the wire.
mcp::HttpRequest request_of(const std::string& wire) {
  mcp::HttpRequest request;
  const std::size_t head_end = wire.find("\r\n\r\n");
  request.body = wire.substr(head_end + 4);
  request.method = wire.substr(0, wire.find(' '));
  request.path = "/mcp";
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

struct Endpoint {
  /// Every client leaves.
  ~Endpoint() {
    on_loop([&] {
      for (const auto& exchange : exchanges) {
        if (const auto gone = std::exchange(exchange->gone, {})) gone();
      }
    });
  }
  std::shared_ptr<Written> ask(const std::string& wire) {
    const auto exchange = exchanges.emplace_back(std::make_shared<Written>());
    on_loop([&] {
      const mcp::HttpRequest request = request_of(wire);
      endpoint.head(request, exchange);
      REQUIRE(exchange->accepted);
      endpoint.request(request, exchange);
    });
    return exchange;
  }
  void on_loop(const std::function<void()>& what) {
    runtime.loop().post([&] { what(); });
    runtime.run();
  }

  std::vector<std::shared_ptr<Written>> exchanges;
  mcp::ManualRuntime runtime;
  mcp::Server server{{.name = "test", .version = "1"}, {.declare = {.tools = true}}};
  mcp::server::HttpEndpoint endpoint{mcp::server::Engine::create(server, runtime), {}};
};

}  // namespace

TEST_CASE("streams get a comment when nothing was said for 15 seconds") {
  Endpoint served;
  served.on_loop([&] { served.endpoint.start(); });
  const auto stream = served.ask(
      modern("1", "subscriptions/listen", "", R"("notifications":{"toolsListChanged":true})"));
  REQUIRE(stream->streams);
  CHECK(stream->take().find("notifications/subscriptions/acknowledged") != std::string::npos);
  served.runtime.advance(std::chrono::seconds(14));
  CHECK(stream->take() == "");
  served.runtime.advance(std::chrono::seconds(1));
  CHECK(stream->take() == ":\n\n");
  // What was said counts from there.
  served.runtime.advance(std::chrono::seconds(10));
  served.server.tools_changed();
  served.runtime.run();
  CHECK(stream->take().find("notifications/tools/list_changed") != std::string::npos);
  served.runtime.advance(std::chrono::seconds(14));
  CHECK(stream->take() == "");
  served.runtime.advance(std::chrono::seconds(31));
  CHECK(stream->take() == ":\n\n:\n\n:\n\n");
  CHECK_FALSE(stream->ended);
}

TEST_CASE("the stream of a session, too") {
  Endpoint served;
  served.on_loop([&] { served.endpoint.start(); });
  const auto begun = served.ask(post(
      R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"raw","version":"1"}}})"));
  const std::string* id = mcp::find_header(begun->response.headers, "Mcp-Session-Id");
  REQUIRE(id != nullptr);
  const auto stream = served.ask(
      "GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
      "Mcp-Session-Id: " +
      *id + "\r\n\r\n");
  REQUIRE(stream->streams);
  stream->take();
  served.runtime.advance(std::chrono::seconds(14));
  CHECK(stream->take() == "");
  served.runtime.advance(std::chrono::seconds(1));
  CHECK(stream->take() == ":\n\n");
}
