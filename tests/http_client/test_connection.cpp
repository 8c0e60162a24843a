#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <iterator>
#include <mutex>

#include <doctest/doctest.h>

#include <mcp/transport/http_client_network.h>

#include "fixture.h"

using mcp::CallError;
using mcp::Json;

namespace {

/// A server of the stateless era that answers every call.
void serve(const RawServer::Request& request, RawServer::Connection& connection) {
  if (request.what() == "server/discover") return connection.answer(request, discovered());
  connection.answer(request, text_result("hello"));
}

/// Resolves every name to one address, records where connections would go, and opens none.
class RecordingNetwork : public mcp::Network {
 public:
  RecordingNetwork(mcp::Loop& loop, std::string address)
      : loop_(loop), address_(std::move(address)) {}

  void resolve(const std::string& host, Resolved done) override {
    resolved.push_back(host);
    loop_.post([done = std::move(done), address = address_] { done({address}, {}); });
  }
  void dial(const std::string& address, int port, mcp::Duration, Dialed done) override {
    dialed.push_back(address + " " + std::to_string(port));
    loop_.post([done = std::move(done)] { done(nullptr, "nothing is opened in this test"); });
  }

  std::vector<std::string> resolved;
  std::vector<std::string> dialed;

 private:
  mcp::Loop& loop_;
  std::string address_;
};

class FixedAuthorizer : public mcp::Authorizer {
 public:
  mcp::HttpHeaders headers(const Request& request) override {
    requests.push_back(request.method + " " + request.url);
    if (token.empty()) return {};
    return {{"Authorization", "Bearer " + token}};
  }
  void refused(Refusal refusal, Done done) override {
    const std::string* challenge = mcp::find_header(refusal.headers, "www-authenticate");
    refusals.push_back(std::to_string(refusal.status) + " " + (challenge ? *challenge : ""));
    if (refusal.attempt > 2) return done("the server wants more than the user granted");
    token = "t" + std::to_string(refusals.size());
    done(std::nullopt);
  }
  void answered(const Request&, const mcp::HttpHeaders&) override { ++answers; }

  std::string token;
  std::vector<std::string> requests;
  std::vector<std::string> refusals;
  int answers = 0;
};

}  // namespace

TEST_CASE("forbidden addresses are never dialed, whatever names them") {
  struct Row {
    const char* url;
    const char* resolves_to;
  };
  const Row rows[] = {
      {"http://169.254.169.254/latest", ""},
      {"http://[::ffff:10.0.0.1]/mcp", ""},
      {"http://metadata.example/mcp", "169.254.169.254"},
      {"http://rebound.example/mcp", "127.0.0.1"},
      {"http://rebound.example/mcp", "fd00::1"},
      {"http://nat.example/mcp", "64:ff9b::a00:1"},
      {"http://localhost/mcp", "93.184.215.14"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.url);
    HttpFixture fixture;
    auto network = std::make_shared<RecordingNetwork>(fixture.runtime->loop(), row.resolves_to);
    fixture.http.network = network;
    fixture.http.rules.allow_loopback = false;
    fixture.http.rules.allow_private = false;
    const auto error = failure([&] { fixture.connect(row.url); });
    CHECK(error.kind() != CallError::Kind::answered);
    CHECK(contains(error.what(), "which this connection may not be opened to"));
    CHECK(network->dialed.empty());
  }
  HttpFixture fixture;
  auto network = std::make_shared<RecordingNetwork>(fixture.runtime->loop(), "93.184.215.14");
  fixture.http.network = network;
  fixture.http.rules.allow_private = false;
  failure([&] { fixture.connect("https://public.example/mcp"); });
  REQUIRE_FALSE(network->dialed.empty());
  CHECK(network->dialed.front() == "93.184.215.14 443");
}

TEST_CASE("redirects are followed within the origin, with the body, and a few times only") {
  RawServer other(serve);
  std::string location = "/moved";
  RawServer server([&](const auto& request, auto& connection) {
    if (request.target == "/mcp") {
      return connection.respond(307, "", "", "Location: " + location + "\r\n");
    }
    if (request.target == "/circle") {
      return connection.respond(308, "", "", "Location: /circle\r\n");
    }
    serve(request, connection);
  });
  {
    HttpFixture fixture;
    auto client = fixture.connect(server.url());
    CHECK(text_of(client.call_tool("a")) == "hello");
    CHECK(server.requests("tools/call").size() == 2);
  }
  {
    location = other.url("/mcp");
    HttpFixture fixture;
    fixture.options.era = mcp::Era::stateless;
    const auto error = failure([&] { fixture.connect(server.url()); });
    CHECK(contains(error.what(), "the redirect is not followed: it leads to another origin"));
    CHECK(other.requests().empty());
  }
  HttpFixture fixture;
  fixture.options.era = mcp::Era::stateless;
  CHECK(contains(failure([&] { fixture.connect(server.url("/circle")); }).what(),
                 "more than 5 redirects"));
}

TEST_CASE("responses are bounded, as JSON and as events") {
  RawServer server([](const auto& request, auto& connection) {
    if (request.what() == "server/discover") return connection.answer(request, discovered());
    const std::string name = request.json()["params"]["name"];
    if (name == "json") return connection.answer(request, text_result(std::string(5000, 'x')));
    connection.begin_stream();
    if (name == "comments") {
      while (connection.send(": " + std::string(1000, 'c') + "\n")) {
      }
    }
    const std::string line = "data: " + std::string(100'000, 'x');
    while (connection.send(line)) {
    }
  });
  HttpFixture fixture;
  fixture.http.rules.max_body_bytes = 4000;
  auto client = fixture.connect(server.url());
  for (const char* name : {"json", "line"}) {
    const auto error = failure([&] { client.call_tool(name); });
    CHECK(error.kind() == CallError::Kind::limit);
    CHECK(contains(error.what(), "longer than 4000 bytes"));
  }
  mcp::CallOptions options;
  options.timeout = std::chrono::milliseconds(100);
  CHECK(failure([&] { client.call_tool("comments", Json::object(), options); }).kind() ==
        CallError::Kind::timed_out);
}

TEST_CASE("what is no HTTP, compressed, or of a wrong kind is said so") {
  // What a server sends for the tool of that number, and what is said of it.
  static const std::pair<const char*, const char*> rows[] = {
      {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "what came is no HTTP response"},
      {"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
       "broke in the middle of the response"},
      {"", "the connection ended without a response"},
      {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx",
       "it came compressed (gzip)"},
      {"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: "
       "6\r\n\r\n<html>",
       "neither JSON nor an event stream (text/html): <html>"},
      {"HTTP/1.1 202 Accepted\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", "(no body)"},
      {"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: "
       "2\r\n\r\n{}",
       "it holds no answer to this request"},
      {"HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbusy",
       "HTTP 429 (try again after 7): busy"},
  };
  RawServer server([](const auto& request, auto& connection) {
    if (request.what() == "server/discover") return connection.answer(request, discovered());
    connection.send(
        rows[std::stoul(request.json()["params"]["name"].template get<std::string>())].first);
    connection.close();
  });
  HttpFixture fixture;
  auto client = fixture.connect(server.url());
  for (std::size_t row = 0; row < std::size(rows); ++row) {
    const auto error = failure([&] { client.call_tool(std::to_string(row)); });
    CHECK_MESSAGE(contains(error.what(), rows[row].second), std::string(error.what()));
  }
}

TEST_CASE("an authorizer is asked before each request and again when one is refused") {
  RawServer server([](const auto& request, auto& connection) {
    const std::string authorization = request.header("authorization");
    if (authorization == "(none)") {
      return connection.respond(401, "", "", "WWW-Authenticate: Bearer scope=\"a\"\r\n");
    }
    if (request.what() == "tools/call" && authorization == "Bearer t1") {
      return connection.respond(403, "", "", "WWW-Authenticate: Bearer scope=\"b\"\r\n");
    }
    if (request.json()["params"].value("name", "") == "never") return connection.respond(403);
    serve(request, connection);
  });
  HttpFixture fixture;
  auto authorizer = std::make_shared<FixedAuthorizer>();
  fixture.http.authorizer = authorizer;
  auto client = fixture.connect(server.url());
  CHECK(text_of(client.call_tool("a")) == "hello");
  CHECK(authorizer->refusals ==
        std::vector<std::string>{"401 Bearer scope=\"a\"", "403 Bearer scope=\"b\""});
  CHECK(authorizer->requests.front() == "POST " + server.url());
  CHECK(authorizer->answers == 2);
  const auto error = failure([&] { client.call_tool("never"); });
  CHECK(error.kind() == CallError::Kind::refused);
  CHECK(contains(error.what(), "the server wants more than the user granted"));
  CHECK(server.requests("tools/call").size() == 2 + 3);
}

TEST_CASE("without an authorizer a refusal is an error, and no reason to try older revisions") {
  RawServer server(
      [](const auto&, auto& connection) { connection.respond(401, "text/plain", "who are you?"); });
  HttpFixture fixture;
  fixture.http.headers = {{"X-Api-Key", "geheim"}};
  const auto error = failure([&] { fixture.connect(server.url()); });
  CHECK(error.kind() == CallError::Kind::refused);
  CHECK(contains(error.what(), "HTTP 401: who are you?"));
  CHECK_FALSE(contains(error.what(), "geheim"));
  CHECK(server.requests().size() == 1);
  CHECK(server.requests().at(0).header("x-api-key") == "geheim");
}

TEST_CASE("a server that is not there, or stops answering") {
  int port = 0;
  { port = RawServer(serve).port(); }
  HttpFixture fixture;
  const auto error =
      failure([&] { fixture.connect("http://127.0.0.1:" + std::to_string(port) + "/mcp"); });
  CHECK(error.kind() == CallError::Kind::not_connected);
  CHECK(contains(error.what(), "can't connect to 127.0.0.1:" + std::to_string(port)));

  RawServer silent([](const auto& request, auto& connection) {
    if (request.what() == "server/discover") return connection.answer(request, discovered());
    if (request.json()["params"]["name"] == "half") {
      connection.send(
          "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{");
    }
    connection.wait_until_closed();
  });
  fixture.http.first_byte_timeout = std::chrono::milliseconds(60);
  fixture.http.between_bytes_timeout = std::chrono::milliseconds(60);
  auto client = fixture.connect(silent.url());
  CHECK(contains(failure([&] { client.call_tool("none"); }).what(), "no response came in time"));
  CHECK(contains(failure([&] { client.call_tool("half"); }).what(), "the response stopped coming"));
}

TEST_CASE("a proxy carries http as it is and https through a tunnel") {
  RawServer proxy([](const auto& request, auto& connection) {
    if (request.method == "CONNECT") return connection.respond(403);
    serve(request, connection);
  });
  HttpFixture fixture;
  fixture.http.rules.proxy = "http://user:p%40ss@127.0.0.1:" + std::to_string(proxy.port());
  auto client = fixture.connect("http://server.example:8080/mcp");
  CHECK(text_of(client.call_tool("a")) == "hello");
  const auto call = proxy.requests("tools/call").at(0);
  CHECK(call.target == "http://server.example:8080/mcp");
  CHECK(call.header("host") == "server.example:8080");
  CHECK(call.header("proxy-authorization") == "Basic dXNlcjpwQHNz");

  const auto error = failure([&] { fixture.connect("https://server.example/mcp"); });
  CHECK(error.kind() == CallError::Kind::not_connected);
  CHECK(contains(error.what(), "refused to connect to server.example:443: HTTP 403"));
  CHECK_FALSE(contains(error.what(), "p%40ss"));
  CHECK(proxy.requests("CONNECT").at(0).target == "server.example:443");
}

TEST_CASE("many calls share a few connections") {
  std::atomic<int> open = 0;
  std::atomic<int> most = 0;
  RawServer server([&](const auto& request, auto& connection) {
    const int now = ++open;
    int seen = most;
    while (now > seen && !most.compare_exchange_weak(seen, now)) {
    }
    serve(request, connection);
    --open;
  });
  HttpFixture fixture;
  fixture.http.max_connections = 4;
  auto client = fixture.connect(server.url());
  std::mutex mutex;
  std::condition_variable done;
  int answered = 0;
  for (int i = 0; i < 100; ++i) {
    client.call_tool("a", Json::object(), {}, [&](const mcp::Outcome<mcp::ToolResult>& outcome) {
      const std::lock_guard lock(mutex);
      answered += outcome.ok() ? 1 : 0;
      done.notify_one();
    });
  }
  std::unique_lock lock(mutex);
  CHECK(done.wait_for(lock, std::chrono::seconds(30), [&] { return answered == 100; }));
  CHECK(most <= 4);
  const auto requests = server.requests();
  CHECK(std::max_element(requests.begin(), requests.end(), [](const auto& a, const auto& b) {
          return a.connection < b.connection;
        })->connection <= 5);
}

TEST_CASE("an address is a URL or a command line") {
  auto runtime = mcp::make_runtime();
  CHECK(failure([&] {
          mcp::Client::connect(*runtime, std::string("/no/such/program --flag"));
        }).kind() == CallError::Kind::not_connected);
  CHECK_THROWS_AS(mcp::target_at("ftp://example.org/mcp"), std::invalid_argument);
  CHECK(mcp::target_at("HTTPS://Example.org/mcp?key=1").key() == "https://example.org:443/mcp");
}
