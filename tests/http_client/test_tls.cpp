#include <chrono>
#include <future>
#include <memory>
#include <string>

#include <doctest/doctest.h>

#include <mcp/transport/http_server.h>

#include "fixture.h"

using mcp::CallError;
using mcp::Json;

namespace {

std::string certificate(const char* file) {
  return std::string(CERTIFICATES) + "/" + file;
}

/// Answers every request as a server of the stateless era.
class Answering : public mcp::HttpHandler {
 public:
  void head(const mcp::HttpRequest&, const std::shared_ptr<mcp::HttpExchange>& exchange) override {
    exchange->accept();
  }
  void request(mcp::HttpRequest request, std::shared_ptr<mcp::HttpExchange> exchange) override {
    const Json message = Json::parse(request.body);
    const Json result =
        message["method"] == "server/discover" ? discovered() : text_result("over TLS");
    exchange->respond(
        {.status = 200,
         .headers = {{"content-type", "application/json"}},
         .body = Json{{"jsonrpc", "2.0"}, {"id", message["id"]}, {"result", result}}.dump()});
  }
};

/// The server's loop ends before the server does.
struct TlsServer {
  Answering handler = {};
  std::unique_ptr<mcp::Runtime> runtime = mcp::make_runtime();
  std::unique_ptr<mcp::HttpServer> server = mcp::listen_http(
      *runtime,
      {.tls_certificate = certificate("server.pem"), .tls_key = certificate("server.key")},
      handler);

  std::string url(const std::string& host) const {
    return "https://" + host + ":" + std::to_string(server->port()) + "/mcp";
  }
  ~TlsServer() {
    std::promise<void> gone;
    runtime->loop().post([&] {
      server.reset();
      gone.set_value();
    });
    gone.get_future().wait();
  }
};

}  // namespace

TEST_CASE("a certificate of a trusted authority, for the name and for the address") {
  TlsServer server;
  for (const char* host : {"127.0.0.1", "localhost"}) {
    HttpFixture fixture;
    fixture.http.rules.ca_file = certificate("authority.pem");
    auto client = fixture.connect(server.url(host));
    CHECK(text_of(client.call_tool("a")) == "over TLS");
  }
}

TEST_CASE("certificates that are not trusted, or can't be read") {
  TlsServer server;
  {
    HttpFixture fixture;  // the system's authorities do not know this one
    const auto error = failure([&] { fixture.connect(server.url("localhost")); });
    CHECK(error.kind() == CallError::Kind::not_connected);
    CHECK(contains(error.what(), "the server's certificate is not trusted"));
  }
  {
    HttpFixture fixture;
    fixture.http.rules.ca_file = certificate("authority.pem");
    const auto error = failure([&] { fixture.connect(server.url("127.0.0.2")); });
    CHECK(error.kind() == CallError::Kind::not_connected);
  }
  HttpFixture fixture;
  fixture.http.rules.ca_file = certificate("missing.pem");
  CHECK(contains(failure([&] { fixture.connect(server.url("localhost")); }).what(),
                 "missing.pem: No such file or directory"));
}

TEST_CASE("a TLS client that meets plain HTTP says so") {
  RawServer server([](const auto&, auto& connection) { connection.respond(400); });
  HttpFixture fixture;
  fixture.http.tls_timeout = std::chrono::milliseconds(200);
  const auto error = failure(
      [&] { fixture.connect("https://127.0.0.1:" + std::to_string(server.port()) + "/mcp"); });
  CHECK(error.kind() == CallError::Kind::not_connected);
}
