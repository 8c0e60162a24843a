#include <doctest/doctest.h>
#include <zlib.h>

#include <atomic>
#include <thread>

#include <mcp/base/version.h>

#include "../http_client/raw_server.h"
#include "servers/websearch/web_url.h"
#include "tests/websearch/test_internet.h"

using namespace fairlead::websearch;
using namespace fairlead::websearch::testing;

namespace {

/// "kind: text" of the failure.
std::string failure(const std::function<void()>& call) {
  try {
    call();
  } catch (const Failure& failed) {
    return std::string(name_of(failed.kind())) + ": " + failed.what();
  }
  return "no failure";
}

std::string fetch_failure(TestInternet& internet, const std::string& url,
                          Asker asker = Asker::person) {
  auto client = internet.client();
  return failure([&] { client.get(url, asker, soon()); });
}

std::string gzip(const std::string& text) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 100, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace

TEST_CASE("URLs are written one way") {
  CHECK(web_url(" HTTPS://Example.ORG:443/a/../b c?q=ä#x ") ==
        "https://example.org/b%20c?q=%C3%A4");
  CHECK(web_url("example.org/x") == "https://example.org/x");
  CHECK(web_url("http://0x7f.1:8080") == "http://127.0.0.1:8080/");
  CHECK(web_url("http://[::1]/") == "http://[::1]/");
  CHECK(web_url("http://b\xC3\xBC"
                "cher.example/") == "http://xn--bcher-kva.example/");
  for (const char* wrong : {"", "ftp://a.example/", "file:///etc/passwd", "javascript:alert(1)",
                            "https://", "/relative", "word", "http://me:secret@a.example/",
                            "http://a.example:99999/", "http://256.1.1.1/", "data:text/html,x"}) {
    CAPTURE(wrong);
    CHECK(failure([&] { web_url(wrong); }).starts_with("bad_url: "));
  }
}

TEST_CASE("URLs of one page have one key") {
  for (const char* same :
       {"https://a.example/x?b=2&a=1", "http://www.a.example/x/?a=1&utm_source=y&b=2#z",
        "https://a.example/x/index.html?a=1&b=2&gclid=1"}) {
    CHECK(page_key(same) == "a.example/x?a=1&b=2");
  }
  CHECK(page_key("https://a.example/x?ref=1") != page_key("https://a.example/x"));
  CHECK(is_in_domain("docs.a.example", "a.example"));
  CHECK_FALSE(is_in_domain("nota.example", "a.example"));
}

TEST_CASE("a page is fetched, and says who asks") {
  TestInternet internet;
  internet.serve("a.example", [](const auto& request) {
    return answer(200, "text/html; charset=\"KOI8-R\"", sent(request, "User-Agent"));
  });
  auto client = internet.client();
  const auto person = client.get("http://a.example/", Asker::person, soon());
  CHECK(person.status == 200);
  CHECK(person.content_type() == "text/html");
  CHECK(person.charset() == "KOI8-R");
  CHECK(person.body == std::string("mcp-server-websearch/") + mcp::version() + " (user-specified)");
  CHECK(client.get("http://a.example/", Asker::program, soon()).body ==
        std::string("mcp-server-websearch/") + mcp::version() + " (autonomous)");
}

TEST_CASE("no address that is not public is connected to") {
  TestInternet internet;
  for (const char* url :
       {"http://127.0.0.1/", "http://localhost/", "http://10.0.0.1/", "http://169.254.169.254/",
        "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[fd00::1]/", "http://0x7f.1/",
        "http://2130706433/", "http://0177.0.0.1/", "http://[64:ff9b::10.0.0.1]/",
        "http://[2002:7f00:1::]/", "http://192.168.1.1/", "http://0.0.0.0/", "http://[::]/",
        "http://a.localhost/", "http://[2001:0:a00:1::]/", "http://[2600::5efe:10.0.0.1]/",
        "http://[2001:db8::1]/"}) {
    CAPTURE(url);
    CHECK(fetch_failure(internet, url).starts_with("forbidden: "));
  }
  internet.resolve("inside.example", {{"10.1.2.3"}});
  CHECK(fetch_failure(internet, "http://inside.example/") ==
        "forbidden: 10.1.2.3 (inside.example) is no public address, which this connection may not "
        "be opened to.");
  CHECK(fetch_failure(internet, "http://a.example:22/") ==
        "forbidden: port 22 is none of those that may be used (80, 443, 8080, 8443).");
  CHECK(internet.called().empty());
  CHECK(internet.forbidden().empty());
}

TEST_CASE("a name that changes its address between two look-ups gains nothing") {
  TestInternet internet;
  internet.serve("rebind.example", [](const auto&) { return answer(200, "text/plain", "page"); });
  internet.resolve("rebind.example", {{"93.184.216.1"}, {"127.0.0.1"}});
  auto client = internet.client();
  // The address that was judged is the one that is connected to.
  CHECK(client.get("http://rebind.example/", Asker::person, soon()).body == "page");
  CHECK(failure([&] {
          client.get("http://rebind.example/", Asker::person, soon());
        }).starts_with("forbidden: 127.0.0.1 (rebind.example)"));
  CHECK(internet.forbidden().empty());
}

TEST_CASE("of several addresses one that is allowed is taken") {
  TestInternet internet;
  internet.serve("mixed.example", [](const auto&) { return answer(200, "text/plain", "page"); });
  internet.resolve("mixed.example", {{"10.0.0.1", "93.184.216.1"}});
  CHECK(internet.client().get("http://mixed.example/", Asker::person, soon()).body == "page");
}

TEST_CASE("every hop of a redirect is judged") {
  TestInternet internet;
  internet.resolve("inside.example", {{"192.168.0.7"}});
  internet.serve("a.example", [](const mcp::outbound::HttpRequest& request) {
    const std::string path = request.url.substr(request.url.rfind('/'));
    if (path == "/ok") return redirect(302, "https://b.example/end#part");
    if (path == "/private") return redirect(301, "http://10.0.0.1/");
    if (path == "/name") return redirect(307, "http://inside.example/");
    if (path == "/octal") return redirect(302, "http://0177.1/");
    if (path == "/file") return redirect(302, "file:///etc/passwd");
    if (path == "/user") return redirect(302, "http://me:pw@a.example/");
    return redirect(302, "/loop");
  });
  internet.serve("b.example", [](const auto&) { return answer(200, "text/plain", "end"); });
  auto client = internet.client();
  const auto response = client.get("http://a.example/ok", Asker::person, soon());
  CHECK(response.url == "https://b.example/end");
  CHECK(response.hops == std::vector<std::string>{"http://a.example/ok"});
  for (const char* path : {"private", "name", "octal", "file", "user", "loop"}) {
    CAPTURE(path);
    CHECK(fetch_failure(internet, std::string("http://a.example/") + path)
              .starts_with("forbidden: "));
  }
  const std::size_t calls = internet.called().size();
  CHECK(fetch_failure(internet, "http://a.example/loop").find("more than 5 redirects") !=
        std::string::npos);
  CHECK(internet.called().size() == calls + 6);
  CHECK(internet.forbidden().empty());
}

TEST_CASE("networks and ports may be allowed") {
  TestInternet internet;
  internet.serve("wiki.example", [](const auto&) { return answer(200, "text/plain", "inside"); });
  WebOptions options = internet.options();
  options.rules.allowed_networks = {*mcp::outbound::parse_ip_network("10.0.0.0/8")};
  options.rules.allowed_ports.push_back(3000);
  WebClient client(options, internet.connector(),
                   [](const std::string&) { return std::vector<std::string>{"10.0.0.5"}; });
  // The test internet does not know that address: it was asked for, so it was allowed.
  CHECK(failure([&] {
          client.get("http://wiki.example:3000/", Asker::person, soon());
        }).starts_with("network: "));
  CHECK(internet.forbidden() == std::vector<std::string>{"10.0.0.5"});
}

TEST_CASE("robots.txt counts for programs, and is asked for once") {
  TestInternet internet;
  internet.serve("a.example", [](const mcp::outbound::HttpRequest& request) {
    if (request.url.ends_with("/robots.txt")) {
      return answer(200, "text/plain", "User-agent: *\nDisallow: /private\n");
    }
    return answer(200, "text/plain", "page");
  });
  auto client = internet.client();
  CHECK(client.get("http://a.example/open", Asker::program, soon()).body == "page");
  CHECK(failure([&] {
          client.get("http://a.example/private/x", Asker::program, soon());
        }).starts_with("robots: The robots.txt of http://a.example does not allow"));
  CHECK(client.get("http://a.example/private/x", Asker::person, soon()).body == "page");
  CHECK(internet.called() == std::vector<std::string>{"GET http://a.example/robots.txt",
                                                      "GET http://a.example/open",
                                                      "GET http://a.example/private/x"});
  WebOptions options = internet.options();
  options.ignore_robots = true;
  WebClient careless(options, internet.connector(), internet.resolver());
  CHECK(careless.get("http://a.example/private/x", Asker::program, soon()).body == "page");
}

TEST_CASE("a robots.txt that is missing allows, one that fails or is closed does not") {
  for (const auto& [status, allowed] : std::vector<std::pair<int, bool>>{
           {404, true}, {410, true}, {401, false}, {403, false}, {500, false}, {503, false}}) {
    CAPTURE(status);
    TestInternet internet;
    internet.serve("a.example", [status = status](const mcp::outbound::HttpRequest& request) {
      return request.url.ends_with("/robots.txt") ? answer(status, "", "")
                                                  : answer(200, "text/plain", "page");
    });
    CHECK((fetch_failure(internet, "http://a.example/", Asker::program) == "no failure") ==
          allowed);
  }
}

TEST_CASE("a redirect to a site that forbids it is not followed") {
  TestInternet internet;
  internet.serve("a.example", [](const mcp::outbound::HttpRequest& request) {
    return request.url.ends_with("robots.txt") ? answer(404, "", "")
                                               : redirect(302, "http://b.example/x");
  });
  internet.serve("b.example", [](const mcp::outbound::HttpRequest& request) {
    return request.url.ends_with("robots.txt")
               ? answer(200, "text/plain", "User-agent: mcp-server-websearch\nDisallow: /")
               : answer(200, "text/plain", "page");
  });
  CHECK(fetch_failure(internet, "http://a.example/", Asker::program).starts_with("robots: "));
}

TEST_CASE("compressed bodies are read, and bombs are cut") {
  RawServer server([](const RawServer::Request& request, RawServer::Connection& connection) {
    CHECK(request.header("accept-encoding") == "gzip, deflate, br");
    if (request.target == "/page") {
      connection.respond(200, "text/plain", gzip("hello"), "Content-Encoding: gzip\r\n");
    } else if (request.target == "/brotli") {
      connection.respond(200, "text/plain", std::string("\x0b\x02\x80hello\x03", 9),
                         "Content-Encoding: br\r\n");
    } else {
      connection.respond(200, "text/plain", gzip(std::string(50'000'000, 'x')),
                         "Content-Encoding: gzip\r\n");
    }
  });
  TestInternet internet;
  internet.serve_by("a.example", server.port());
  auto client = internet.client();
  CHECK(client.get("http://a.example/page", Asker::person, soon()).body == "hello");
  CHECK(client.get("http://a.example/brotli", Asker::person, soon()).body == "hello");
  const auto bomb = client.get("http://a.example/bomb", Asker::person, soon());
  CHECK(bomb.truncated);
  CHECK(bomb.status == 200);
  CHECK(bomb.body.size() == 5U << 20U);
}

TEST_CASE("behind a proxy a name that is known to lead inside is refused all the same") {
  TestInternet internet;
  internet.resolve("inside.example", {{"10.0.0.1"}});
  WebOptions options = internet.options();
  options.rules.proxy = "http://proxy.example:3128";
  WebClient client(options, internet.connector(), internet.resolver());
  CHECK(failure([&] {
          client.get("http://inside.example/", Asker::person, soon());
        }).starts_with("forbidden: 10.0.0.1 (inside.example)"));
  CHECK(internet.called().empty());
}

TEST_CASE("each silence has its own time") {
  RawServer server([](const RawServer::Request& request, RawServer::Connection& connection) {
    if (request.target == "/body") {
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nfirst");
    }
    connection.wait_until_closed();
    connection.close();
  });
  TestInternet internet;
  internet.serve_by("a.example", server.port());
  WebOptions options = internet.options();
  SUBCASE("of the headers") {
    options.connect_timeout = std::chrono::milliseconds(500);
    options.headers_timeout = std::chrono::milliseconds(50);
    WebClient client(options, internet.connector(), internet.resolver());
    CHECK(failure([&] {
            client.get("http://a.example/headers", Asker::person, soon());
          }).starts_with("timeout: a.example: no response within "));
  }
  SUBCASE("of the body") {
    options.idle_timeout = std::chrono::milliseconds(50);
    WebClient client(options, internet.connector(), internet.resolver());
    CHECK(failure([&] {
            client.get("http://a.example/body", Asker::person, soon());
          }).starts_with("timeout: a.example: nothing was received for "));
  }
}

TEST_CASE("endless, slow and broken responses end") {
  RawServer server([](const RawServer::Request& request, RawServer::Connection& connection) {
    const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n";
    if (request.target == "/endless") {
      connection.send(head + "\r\n");
      while (connection.send(std::string(100'000, 'x'))) {
      }
    } else if (request.target == "/drip") {
      connection.send(head + "Content-Length: 1000000\r\n\r\n");
      while (connection.send("x")) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    } else {
      connection.send("garbage\r\n\r\n");
    }
    connection.close();
  });
  TestInternet internet;
  internet.serve_by("a.example", server.port());
  auto client = internet.client();
  CHECK(client.get("http://a.example/endless", Asker::person, soon()).truncated);
  CHECK(failure([&] {
          client.get("http://a.example/drip", Asker::person, soon(std::chrono::milliseconds(300)));
        }).starts_with("timeout: "));
  CHECK(failure([&] {
          client.get("http://a.example/garbage", Asker::person, soon());
        }).starts_with("network: "));
}

TEST_CASE("one host is asked one thing at a time") {
  TestInternet internet;
  std::atomic<int> in_flight = 0;
  std::atomic<int> most = 0;
  internet.serve("a.example", [&](const auto&) {
    const int now = ++in_flight;
    if (now > most) most = now;
    std::this_thread::yield();
    --in_flight;
    return answer(200, "text/plain", "page");
  });
  auto client = internet.client();
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&] {
      for (int n = 0; n < 20; ++n) client.get("http://a.example/", Asker::person, soon());
    });
  }
  for (auto& caller : callers) caller.join();
  CHECK(most == 1);
  CHECK(internet.called().size() == 160);
}

TEST_CASE("a host has its pause, and a cancelled call does not wait for it") {
  TestInternet internet;
  internet.serve("a.example", [](const auto&) { return answer(200, "text/plain", "page"); });
  WebOptions options = internet.options();
  options.pause = std::chrono::milliseconds(40);
  WebClient client(options, internet.connector(), internet.resolver());
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 3; ++i) client.get("http://a.example/", Asker::person, soon());
  CHECK(std::chrono::steady_clock::now() - begin >= std::chrono::milliseconds(80));
  options.pause = std::chrono::hours(1);
  WebClient slow(options, internet.connector(), internet.resolver());
  slow.get("http://a.example/", Asker::person, soon());
  CHECK(failure([&] {
          slow.get("http://a.example/", Asker::person, soon(std::chrono::milliseconds(50)));
        }).starts_with("timeout: There was no turn for a.example"));
  std::stop_source stop;
  std::thread later([&] { stop.request_stop(); });
  CHECK(failure([&] {
          slow.get("http://a.example/", Asker::person,
                   Deadline(std::chrono::hours(1), stop.get_token()));
        }) == "cancelled: The call was cancelled.");
  later.join();
}
