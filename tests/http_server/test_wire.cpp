#include "fixture.h"

TEST_CASE("requests that come early are answered in order") {
  Serving serving;
  RawClient client(serving.service->port());
  std::string many;
  for (int i = 0; i < 20; ++i)
    many += modern(std::to_string(i), "tools/call", "echo", R"("arguments":{"word":"w"})");
  client.send(many);
  for (int i = 0; i < 20; ++i)
    CHECK(client.answer().body.find("\"id\":" + std::to_string(i) + ",") != std::string::npos);
}

TEST_CASE("bodies may come in chunks, cut anywhere, after leave was asked for") {
  Serving serving;
  RawClient client(serving.service->port());
  client.send(
      "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: server/discover\r\n"
      "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n");
  CHECK(client.until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  for (const char c : modern_body("1", "server/discover"))
    client.send("1\r\n" + std::string(1, c) + "\r\n");
  client.send("0\r\n\r\n");
  CHECK(client.answer().status == 200);
}

TEST_CASE("what is too large, too many or no HTTP is refused, and the connection ends") {
  mcp::HttpOptions options;
  options.listen.limits.header_bytes = 4096;
  Serving serving(options);
  const auto refused = [&](const std::string& bytes, int status) {
    CAPTURE(bytes.substr(0, 60));
    RawClient client(serving.service->port());
    const auto answer = client.ask(bytes);
    CHECK(answer.status == status);
    CHECK(answer.header("Connection") == "close");
    CHECK(client.until_end() == "");
  };
  const std::string head =
      "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
  refused(head + "Content-Length: 1000000000\r\n\r\n{", 413);
  refused(head + "X: " + std::string(5000, 'x') + "\r\n\r\n", 431);
  refused(head + "X: " + std::string(50'000, 'x'), 431);
  std::string flood = head;
  for (int i = 0; i < 200; ++i) flood += "A: b\r\n";
  refused(flood + "\r\n", 431);
  refused("nonsense\r\n\r\n", 400);
  refused(head + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", 400);
  refused(head + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400);
  refused(head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400);
  // Read as a body of no bytes, what follows would be the next request.
  for (const char* coding : {"xchunked", "gzip, chunked", "chunked, identity", "identity"}) {
    refused(head + "Transfer-Encoding: " + coding + "\r\n\r\n0\r\n\r\n", 501);
  }
  refused("POST /mcp HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          501);
  refused("GET /mcp HTTP/2.0\r\nHost: localhost\r\n\r\n", 505);
  RawClient client(serving.service->port());
  CHECK(client.ask(modern("1", "server/discover")).status == 200);
}

TEST_CASE("hosts and origins of others are refused") {
  Serving serving(
      {.allowed_hosts = {"mcp.example.com"}, .allowed_origins = {"https://app.example.com"}});
  const auto ask = [&](const std::string& host, const std::string& origin) {
    std::string request = modern("1", "server/discover");
    request.replace(request.find("Host: localhost"), 15, "Host: " + host);
    if (!origin.empty()) request.insert(request.find("Host: "), "Origin: " + origin + "\r\n");
    RawClient client(serving.service->port());
    return client.ask(request);
  };
  CHECK(ask("localhost:8080", "").status == 200);
  CHECK(ask("[::1]:8080", "").status == 200);
  CHECK(ask("127.0.0.1", "http://127.0.0.1").status == 200);
  CHECK(ask("mcp.example.com", "").status == 200);
  CHECK(ask("127.0.0.2:8080", "").status == 200);
  // A name that only looks like an address may be made to lead here: DNS rebinding.
  CHECK(ask("127.example.org", "http://127.example.org").status == 403);
  for (const char* host :
       {"evil.example.com", "127.0.0.1.example.com", "127.example.com", "127.0.0.1@example.com",
        "127.0.0.1, example.com", "localhost:http", "localhost:123456", "[::1].example.com", "[::1",
        "[127.0.0.1]", "localhost/", ""}) {
    CAPTURE(host);
    CHECK(ask(host, "").status == 403);
  }
  CHECK(ask("localhost", "http://evil.example.com").status == 403);
  CHECK(ask("localhost", "null").status == 403);
  const auto allowed = ask("localhost", "https://app.example.com");
  CHECK(allowed.status == 200);
  CHECK(allowed.header("Access-Control-Allow-Origin") == "https://app.example.com");
  RawClient client(serving.service->port());
  const auto preflight = client.ask(
      "OPTIONS /mcp HTTP/1.1\r\nHost: localhost\r\nOrigin: https://app.example.com\r\n"
      "Access-Control-Request-Method: POST\r\n"
      "Access-Control-Request-Headers: mcp-method, mcp-param-region\r\n\r\n");
  CHECK(preflight.status == 204);
  CHECK(preflight.header("Access-Control-Allow-Headers") == "mcp-method, mcp-param-region");
}

TEST_CASE("headers that say one thing come once") {
  Serving serving;
  for (const char* header :
       {"Authorization: Bearer a", "Content-Type: application/json", "Last-Event-ID: 1-1",
        "Mcp-Session-Id: a", "Origin: http://localhost"}) {
    CAPTURE(header);
    std::string request = modern("1", "server/discover");
    request.insert(request.find("Host: "),
                   std::string(header) + "\r\n" + std::string(header) + "\r\n");
    RawClient client(serving.service->port());
    const auto answer = client.ask(request);
    CHECK(answer.status == 400);
    CHECK(answer.body.find("comes more than once") != std::string::npos);
  }
}

TEST_CASE("a server for other machines lets no page in by a name that only seems its own") {
  mcp::HttpOptions options;
  options.listen.host = "0.0.0.0";
  Serving serving(options);
  const auto ask = [&](const std::string& host, const std::string& origin) {
    std::string request = modern("1", "server/discover");
    request.replace(request.find("Host: localhost"), 15, "Host: " + host);
    if (!origin.empty()) request.insert(request.find("Host: "), "Origin: " + origin + "\r\n");
    RawClient client(serving.service->port());
    return client.ask(request).status;
  };
  CHECK(ask("build.example.com", "") == 200);
  CHECK(ask("build.example.com", "http://build.example.com") == 403);
  CHECK(ask("192.0.2.7:8080", "http://192.0.2.7:8080") == 200);
  CHECK(ask("[2001:db8::7]", "http://[2001:db8::7]") == 200);
}

TEST_CASE("a target may be a whole URL, whose host counts") {
  Serving serving;
  const auto status = [&](const std::string& target) {
    std::string request = modern("1", "server/discover");
    request.replace(request.find("/mcp"), 4, target);
    RawClient client(serving.service->port());
    return client.ask(request).status;
  };
  CHECK(status("http://localhost:1234/mcp?x=1") == 200);
  CHECK(status("http://example.com/mcp") == 403);
  CHECK(status("http://localhost") == 404);
  CHECK(status("http:///mcp") == 200);  // no host: that of the header
}

TEST_CASE("paths, methods and media types that are not served") {
  Serving serving;
  const auto status = [&](const std::string& request) {
    RawClient client(serving.service->port());
    return client.ask(request).status;
  };
  const std::string host = " HTTP/1.1\r\nHost: localhost\r\n";
  CHECK(status("GET /nothing" + host + "\r\n") == 404);
  CHECK(status("PUT /mcp" + host + "\r\n") == 405);
  CHECK(status("GET /mcp" + host + "Accept: text/html\r\n\r\n") == 406);
  CHECK(status("POST /mcp" + host + "Content-Type: text/plain\r\nContent-Length: 0\r\n\r\n") ==
        415);
  CHECK(
      status("POST /mcp" + host +
             "Content-Type: application/json\r\nAccept: text/html\r\nContent-Length: 0\r\n\r\n") ==
      406);
  CHECK(status("GET /mcp HTTP/1.1\r\n\r\n") == 403);
}

TEST_CASE("health and metrics") {
  Serving serving({.metrics = [] { return std::string("mine 1\n"); }});
  RawClient client(serving.service->port());
  const auto health = client.ask("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(health.status == 200);
  CHECK(health.body == R"({"status":"ok"})");
  client.ask(modern("1", "server/discover"));
  const auto metrics = client.ask("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(metrics.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(metrics.body.find("\nmcp_http_requests_total 1\n") != std::string::npos);
  CHECK(metrics.body.ends_with("mine 1\n"));
}

TEST_CASE("a reader that does not read is dropped, the others are not") {
  mcp::HttpOptions options;
  options.listen.limits.queued_bytes = 64 << 10;
  Serving serving(options);
  RawClient deaf(serving.service->port());
  RawClient hearing(serving.service->port());
  const std::string uri = "big://" + std::string(8'000, 'x');
  for (RawClient* client : {&deaf, &hearing}) {
    client->send(modern("1", "subscriptions/listen", "",
                        R"("notifications":{"resourceSubscriptions":[")" + uri + "\"]}"));
    CHECK(client->answer().status == 200);
    client->chunk();
  }
  // Until the system's own buffers are full too.
  for (int i = 0; i < 8000; ++i) {
    serving.server.resource_updated(uri);
    CHECK(hearing.chunk().size() > 8'000);
  }
  const std::string rest = deaf.until_end();
  CHECK(rest.size() < std::size_t{8000} * 8'000);
}

TEST_CASE("the transport of 2024-11-05, when it is asked for") {
  Serving serving({.legacy_sse = true});
  RawClient stream(serving.service->port());
  CHECK(stream.ask("GET /sse HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
            .status == 200);
  const std::string endpoint = stream.chunk();
  REQUIRE(endpoint.starts_with("event: endpoint\ndata: /messages?sessionId="));
  const std::string path = endpoint.substr(22, endpoint.size() - 24);
  RawClient client(serving.service->port());
  CHECK(client.ask(post(initialize("2024-11-05"), "", path)).status == 202);
  CHECK(
      stream.chunk().starts_with("event: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":0,\"result\""));
  CHECK(client.ask(post("{}", "", "/messages?sessionId=other")).status == 404);
}

namespace {

/// Lets in whoever has a word, and only some into the tool `tell`.
class Doorkeeper final : public mcp::RequestVerifier {
 public:
  void verify(Request request, Done done) override {
    const std::string* word = mcp::find_header(request.headers, "authorization");
    if (word == nullptr) {
      done(mcp::Challenge{401, {{"WWW-Authenticate", "Bearer"}}, "who are you?"});
    } else {
      mcp::Principal principal;
      principal.id = *word;
      done(std::move(principal));
    }
  }
  std::optional<mcp::Challenge> authorize(const mcp::Principal& principal, std::string_view,
                                          std::string_view name) const override {
    if (name != "tell" || principal.id == "Bearer boss") return std::nullopt;
    return mcp::Challenge{403, {{"WWW-Authenticate", "Bearer error=\"insufficient_scope\""}}, "no"};
  }
  std::vector<std::pair<std::string, std::string>> documents() const override {
    return {{"/.well-known/oauth-protected-resource", R"({"resource":"x"})"}};
  }
};

}  // namespace

TEST_CASE("a verifier decides about each call of the transport of 2024-11-05, too") {
  Serving serving({.verifier = std::make_shared<Doorkeeper>(), .legacy_sse = true});
  const auto with = [](std::string request, const std::string& word) {
    return request.insert(request.find("Host:"), "Authorization: Bearer " + word + "\r\n");
  };
  RawClient stream(serving.service->port());
  stream.ask(with("GET /sse HTTP/1.1\r\nHost: localhost\r\n\r\n", "guest"));
  const std::string endpoint = stream.chunk();
  const std::string path = endpoint.substr(22, endpoint.size() - 24);
  RawClient client(serving.service->port());
  const auto ask = [&](const std::string& body) {
    return client.ask(with(post(body, "", path), "guest")).status;
  };
  CHECK(ask(initialize("2025-03-26")) == 202);
  stream.chunk();
  CHECK(ask(R"({"jsonrpc":"2.0","method":"notifications/initialized"})") == 202);
  CHECK(ask(call("1", "tell")) == 403);
  CHECK(ask("[" + call("2", "tell") + "]") == 403);
  CHECK(ask(call("3", "echo", R"("arguments":{"word":"hello"})")) == 202);
  CHECK(stream.chunk().find("\"id\":3,\"result\"") != std::string::npos);
}

TEST_CASE("a verifier decides who comes in") {
  Serving serving({.verifier = std::make_shared<Doorkeeper>()});
  RawClient client(serving.service->port());
  const auto refused = RawClient(serving.service->port()).ask(modern("1", "server/discover"));
  CHECK(refused.status == 401);
  CHECK(refused.header("WWW-Authenticate") == "Bearer");
  const auto with = [](std::string request, const std::string& word) {
    return request.insert(request.find("Host:"), "Authorization: " + word + "\r\n");
  };
  CHECK(client.ask(with(modern("1", "server/discover"), "Bearer guest")).status == 200);
  const auto forbidden = client.ask(with(modern("1", "tools/call", "tell"), "Bearer guest"));
  CHECK(forbidden.status == 403);
  CHECK(forbidden.header("WWW-Authenticate") == "Bearer error=\"insufficient_scope\"");
  CHECK(client.ask(with(modern("1", "tools/call", "tell"), "Bearer boss")).status == 200);
  CHECK(client.ask("GET /.well-known/oauth-protected-resource HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .body == R"({"resource":"x"})");
  // A session is its owner's.
  const auto begun = client.ask(with(post(initialize()), "Bearer guest"));
  const std::string header = "Mcp-Session-Id: " + begun.header("Mcp-Session-Id") + "\r\n";
  const std::string list = post(R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})", header);
  CHECK(client.ask(with(list, "Bearer guest")).status == 200);
  CHECK(client.ask(with(list, "Bearer boss")).status == 404);
}
