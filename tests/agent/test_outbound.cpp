#include <doctest/doctest.h>

#include <map>
#include <thread>

#include <mcp/outbound/http_call.h>
#include <mcp/outbound/loopback_server.h>
#include <mcp/outbound/proxy.h>
#include <mcp/outbound/url.h>

#include "fake_gateway.h"

using namespace mcp::outbound;
using std::chrono::milliseconds;

namespace {

HttpError::Kind failure(const HttpRequest& request, const HttpOptions& options = {},
                        std::stop_token stop = {}) {
  try {
    http_call(request, options, std::move(stop));
  } catch (const HttpError& error) {
    return error.kind();
  }
  FAIL("the call did not fail");
  return HttpError::Kind::broken;
}

}  // namespace

TEST_CASE("a call sends method, headers and body, and reads status, headers and body") {
  FakeGateway gateway({{{http_answer(201, "made", "X-Thing: 7\r\n")}}});
  const auto response =
      http_call({"POST", gateway.url() + "/a%20b?c=d", {{"X-Key", "k"}}, "hello"});
  CHECK(response.status == 201);
  CHECK(response.body == "made");
  CHECK(response.header("x-thing") == "7");
  const std::string request = gateway.requests().at(0);
  CHECK(request.starts_with("POST /a%20b?c=d HTTP/1.1\r\n"));
  CHECK(request.find("X-Key: k\r\n") != std::string::npos);
  CHECK(gateway.body(0) == "hello");
}

TEST_CASE("a body is streamed piece by piece, and the receiver may end it") {
  FakeGateway gateway({{{stream_head(), "one"}, false, true}});
  std::string seen;
  try {
    http_call({"GET", gateway.url(), {}, {}}, {}, {},
              [&](const HttpResponse& head, std::string_view piece) {
                CHECK(head.status == 200);
                seen += piece;
                return seen != "one";
              });
    FAIL("must not return");
  } catch (const HttpError& error) {
    CHECK(error.kind() == HttpError::Kind::cancelled);
  }
  CHECK(seen == "one");
}

TEST_CASE("every failure has its kind") {
  using Kind = HttpError::Kind;
  SUBCASE("refused") {
    std::string url;
    {
      FakeGateway gone({});
      url = gone.url();
    }
    CHECK(failure({"GET", url, {}, {}}) == Kind::connect);
  }
  SUBCASE("closed without a word") {
    FakeGateway gateway({FakeGateway::Script{}});
    CHECK(failure({"GET", gateway.url(), {}, {}}) == Kind::broken);
  }
  SUBCASE("reset in the middle of a large request: no SIGPIPE") {
    FakeGateway gateway({{{}, true, false, true}});
    CHECK(failure({"POST", gateway.url(), {}, std::string(50'000'000, 'x')}) == Kind::broken);
  }
  SUBCASE("shorter than its Content-Length") {
    FakeGateway gateway({{{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"}}});
    CHECK(failure({"GET", gateway.url(), {}, {}}) == Kind::broken);
  }
  SUBCASE("no HTTP") {
    FakeGateway gateway({{{"220 smtp ready\r\n"}}});
    CHECK(failure({"GET", gateway.url(), {}, {}}) == Kind::broken);
  }
  SUBCASE("silent before the headers") {
    FakeGateway gateway({{{"HTTP/1.1 200 OK\r\n"}, false, true}});
    HttpOptions options;
    options.connect_timeout = milliseconds(20);
    options.headers_timeout = milliseconds(50);
    CHECK(failure({"GET", gateway.url(), {}, {}}, options) == Kind::timeout);
  }
  SUBCASE("silent in the body") {
    FakeGateway gateway({{{stream_head(), "x"}, false, true}});
    HttpOptions options;
    options.idle_timeout = milliseconds(50);
    CHECK(failure({"GET", gateway.url(), {}, {}}, options) == Kind::timeout);
  }
  SUBCASE("longer than the whole call may take") {
    FakeGateway gateway({{{stream_head(), "x"}, false, true}});
    HttpOptions options;
    options.total_timeout = milliseconds(50);
    CHECK(failure({"GET", gateway.url(), {}, {}}, options) == Kind::timeout);
  }
  SUBCASE("too large") {
    FakeGateway gateway({{{http_answer(200, std::string(1000, 'x'))}}});
    HttpOptions options;
    options.max_body_bytes = 999;
    CHECK(failure({"GET", gateway.url(), {}, {}}, options) == Kind::too_large);
  }
  SUBCASE("not to be sent") {
    CHECK(failure({"GET", "ftp://host/", {}, {}}) == Kind::bad_request);
    CHECK(failure({"GET", "http://host/a b", {}, {}}) == Kind::bad_request);
    CHECK(failure({"GET", "http://127.0.0.1:1/", {{"X-A", "b\r\nX-C: d"}}, {}}) ==
          Kind::bad_request);
  }
}

TEST_CASE("a stop request ends a call that waits") {
  FakeGateway gateway({{{}, false, true}});
  std::stop_source stop;
  std::jthread stopper([&] {
    while (gateway.requests().empty()) std::this_thread::yield();
    stop.request_stop();
  });
  CHECK(failure({"GET", gateway.url(), {}, {}}, {}, stop.get_token()) ==
        HttpError::Kind::cancelled);
  CHECK(failure({"GET", gateway.url(), {}, {}}, {}, stop.get_token()) ==
        HttpError::Kind::cancelled);
}

TEST_CASE("URLs are taken apart") {
  const auto url = parse_http_url("HTTPS://Example.org/a?b#c");
  REQUIRE(url);
  CHECK(url->secure);
  CHECK(url->host == "example.org");
  CHECK(url->port == 443);
  CHECK(url->target == "/a?b");
  CHECK(parse_http_url("http://[::1]:8080")->host == "::1");
  CHECK(parse_http_url("http://[::1]:8080")->port == 8080);
  CHECK(parse_http_url("http://u:p@host?x")->target == "/?x");
  CHECK(parse_http_url("http://u:p@host?x")->password == "p");
  for (const char* bad : {"", "host", "http://", "http://host:0", "http://host:99999",
                          "http://[::1", "http://host:8x", "http://a\r\nb", "file:///etc/passwd"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_http_url(bad));
  }
  CHECK(is_loopback_host("127.0.0.1"));
  CHECK(is_loopback_host("localhost"));
  CHECK_FALSE(is_loopback_host("127.example.org"));
}

TEST_CASE("the proxy comes from the environment, except for what no_proxy names") {
  std::map<std::string, std::string> variables{{"https_proxy", "http://proxy:3128"},
                                               {"HTTP_PROXY", "http://attacker:1"},
                                               {"no_proxy", "internal.example, .corp ,one:8443"}};
  const auto proxy = [&](const char* url) {
    const auto found =
        environment_proxy(*parse_http_url(url), [&](const char* name) { return variables[name]; });
    return found ? found->host + ":" + std::to_string(found->port) : std::string("none");
  };
  CHECK(proxy("https://example.org") == "proxy:3128");
  CHECK(proxy("http://example.org") == "none");  // upper-case HTTP_PROXY may come from a caller
  CHECK(proxy("https://localhost") == "none");
  CHECK(proxy("https://a.internal.example") == "none");
  CHECK(proxy("https://notinternal.example") == "proxy:3128");
  CHECK(proxy("https://x.corp") == "none");
  CHECK(proxy("https://one:8443") == "none");
  CHECK(proxy("https://one") == "proxy:3128");
  variables["all_proxy"] = "other:99";
  CHECK(proxy("http://example.org") == "other:99");
  variables["no_proxy"] = "*";
  CHECK(proxy("http://example.org") == "none");
}

TEST_CASE("a loopback server answers, streams, breaks off and reports its own failures") {
  LoopbackServer server(0, [](const LoopbackServer::Request& request) {
    LoopbackServer::Response response;
    if (request.path == "/echo") response.body = request.method + " " + request.body;
    if (request.path == "/throw") throw std::runtime_error("broken");
    if (request.path == "/stream" || request.path == "/cut") {
      response.stream = [whole = request.path == "/stream"](const LoopbackServer::Write& write) {
        return write("a") && write("b") && whole;
      };
    }
    return response;
  });
  const std::string base = "http://127.0.0.1:" + std::to_string(server.port());
  CHECK(http_call({"POST", base + "/echo", {}, "x"}).body == "POST x");
  CHECK(http_call({"GET", base + "/stream", {}, {}}).body == "ab");
  CHECK(failure({"GET", base + "/cut", {}, {}}) == HttpError::Kind::broken);
  CHECK(http_call({"GET", base + "/throw", {}, {}}).status == 500);
  CHECK_THROWS_AS(LoopbackServer(server.port(), {}), std::runtime_error);
}
