// What a server bounds: time, connections, streams, sessions. Each is tried with a bound that is
// reached at once, and each wait is a wait for bytes.

#include "fixture.h"

namespace {

using mcp::Json;

mcp::HttpOptions with(const std::function<void(mcp::HttpServerLimits&)>& change) {
  mcp::HttpOptions options;
  change(options.listen.limits);
  return options;
}

constexpr mcp::Duration at_once = std::chrono::milliseconds(1);

std::string listening(const std::string& id) {
  return modern(id, "subscriptions/listen", "", R"("notifications":{"toolsListChanged":true})");
}

/// The value of a metric.
std::string metric(RawClient& client, const std::string& name) {
  const std::string text = client.ask("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n").body;
  const auto at = text.find("\n" + name + " ");
  REQUIRE(at != std::string::npos);
  const auto from = at + name.size() + 2;
  return text.substr(from, text.find('\n', from) - from);
}

}  // namespace

TEST_CASE("headers that come too slowly are answered 408") {
  Serving serving(with([](auto& limits) { limits.header_timeout = at_once; }));
  RawClient client(serving.service->port());
  client.send("POST /mcp HTTP/1.1\r\nHost: loc");
  const auto answer = client.answer();
  CHECK(answer.status == 408);
  CHECK(answer.header("Connection") == "close");
  CHECK(client.until_end() == "");
}

TEST_CASE("a body that comes too slowly is answered 408") {
  Serving serving(with([](auto& limits) { limits.body_timeout = at_once; }));
  RawClient client(serving.service->port());
  client.send(
      "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Content-Length: 100\r\n\r\n{");
  CHECK(client.answer().status == 408);
}

TEST_CASE("a connection that says nothing more is closed") {
  Serving serving(with([](auto& limits) { limits.idle_timeout = at_once; }));
  RawClient client(serving.service->port());
  CHECK(client.ask(modern("1", "server/discover")).status == 200);
  CHECK(client.until_end() == "");
}

TEST_CASE("one connection too many is answered 503, and is welcome when another has gone") {
  Serving serving(with([](auto& limits) { limits.connections = 1; }));
  RawClient first(serving.service->port());
  CHECK(first.ask(modern("1", "server/discover")).status == 200);
  CHECK(RawClient(serving.service->port()).answer().status == 503);
  CHECK(first.ask(modern("2", "server/discover")).status == 200);
  first.leave();
  int status = 503;
  while (status == 503) {  // until the server has seen it go
    RawClient next(serving.service->port());
    status = next.ask(modern("3", "server/discover")).status;
  }
  CHECK(status == 200);
}

TEST_CASE("one caller's streams and calls are bounded: 429 with a time to come back") {
  Serving serving({.calls_per_caller = 2, .streams_per_caller = 1});
  RawClient stream(serving.service->port());
  CHECK(stream.ask(listening("1")).status == 200);
  RawClient client(serving.service->port());
  const auto refused = client.ask(listening("2"));
  CHECK(refused.status == 429);
  CHECK(refused.header("Retry-After") == "1");
  CHECK(refused.body.find(R"("id":2)") != std::string::npos);
  CHECK(refused.body.find(R"("retryAfterMs":1000)") != std::string::npos);
}

TEST_CASE("one caller's calls in flight are bounded, and one that ends makes room") {
  Serving serving({.calls_per_caller = 1});
  RawClient busy(serving.service->port());
  busy.send(modern("1", "tools/call", "wait"));
  REQUIRE(serving.started.wait({}));
  RawClient client(serving.service->port());
  const std::string echo = modern("2", "tools/call", "echo", R"("arguments":{"word":"hi"})");
  const auto refused = client.ask(echo);
  CHECK(refused.status == 429);
  CHECK(refused.header("Retry-After") == "1");
  CHECK(Json::parse(refused.body) ==
        Json::parse(R"({"jsonrpc":"2.0","id":2,"error":{"code":-32603,)"
                    R"("message":"this caller has too many requests in flight: try again later",)"
                    R"("data":{"retryAfterMs":1000}}})"));
  serving.gate.open();
  CHECK(busy.answer().status == 200);
  CHECK(client.ask(echo).status == 200);
}

TEST_CASE("a session that nobody uses ends, and is answered 404 from then on") {
  Serving serving({.session_timeout = at_once});
  RawClient client(serving.service->port());
  const std::string header = session(client);
  while (metric(client, "mcp_http_sessions") != "0") {
  }
  CHECK(client.ask(post(R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})", header)).status ==
        404);
}

TEST_CASE("a session with an open stream is in use, however old it is") {
  Serving serving({.session_timeout = at_once});
  RawClient client(serving.service->port());
  RawClient stream(serving.service->port());
  const std::string begun = session(client);
  // Between the two the session may have ended already: then it begins again.
  std::string header = begun;
  while (stream
             .ask("GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n" + header +
                  "\r\n")
             .status != 200)
    header = session(client);
  RawClient other(serving.service->port());
  session(other);
  while (metric(client, "mcp_http_sessions") != "1") {
  }
  CHECK(client.ask(post(R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})", header)).status ==
        200);
}

TEST_CASE("past the bound the session that was used longest ago makes room") {
  Serving serving({.max_sessions = 1});
  RawClient client(serving.service->port());
  const std::string first = session(client);
  const std::string second = session(client);
  const std::string list = R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})";
  CHECK(client.ask(post(list, first)).status == 404);
  CHECK(client.ask(post(list, second)).status == 200);
}

TEST_CASE("a session with an open stream does not make room, and does not keep others out") {
  Serving serving({.max_sessions = 2});
  RawClient client(serving.service->port());
  const std::string listening = session(client);
  RawClient stream(serving.service->port());
  stream.ask("GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n" + listening +
             "\r\n");
  const std::string idle = session(client);
  const std::string third = session(client);
  const std::string list = R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})";
  CHECK(client.ask(post(list, idle)).status == 404);
  CHECK(client.ask(post(list, third)).status == 200);
  CHECK(client.ask(post(list, listening)).status == 200);
  RawClient other(serving.service->port());
  other.ask("GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n" + third +
            "\r\n");
  CHECK(client.ask(post(initialize())).status == 503);
}

TEST_CASE("a caller's tool calls a minute are bounded: 429 with the time to wait, in both eras") {
  Serving serving({.tool_calls_per_minute = 2});
  RawClient client = serving.client();
  const auto echo = [](const std::string& id) {
    return modern(id, "tools/call", "echo", R"("arguments":{"word":"hi"})");
  };
  CHECK(client.ask(echo("1")).status == 200);
  CHECK(client.ask(modern("2", "tools/list")).status == 200);  // lists are not counted
  const std::string header = session(client);
  CHECK(client.ask(post(call("3", "echo", R"("arguments":{"word":"hi"})"), header)).status == 200);
  const auto refused = client.ask(echo("4"));
  CHECK(refused.status == 429);
  const auto error = Json::parse(refused.body)["error"];
  CHECK(error["code"] == -32603);
  CHECK(
      error["message"].get<std::string>().find(
          "more than 2 tool calls in a minute, this server's limit for one caller: try again in") ==
      0);
  CHECK(error["data"]["callsPerMinute"] == 2);
  const int wait = error["data"]["retryAfterMs"];
  CHECK(wait > 0);
  CHECK(wait <= 30'000);
  CHECK(std::stoi(refused.header("Retry-After")) == (wait + 999) / 1000);
  const auto of_session =
      client.ask(post(call("5", "echo", R"("arguments":{"word":"hi"})"), header)).body;
  CHECK(of_session.find(R"("callsPerMinute":2)") != std::string::npos);
}
