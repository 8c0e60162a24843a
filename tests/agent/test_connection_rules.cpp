// Where outgoing connections may lead, and through which proxy.
#include <doctest/doctest.h>

#include <map>

#include <mcp/outbound/http_call.h>
#include <mcp/outbound/ip_address.h>

#include "fake_gateway.h"

using namespace mcp::outbound;

namespace {

std::string failure(const std::string& url, const HttpOptions& options, HttpError::Kind kind) {
  try {
    http_call({"GET", url, {}, {}}, options);
  } catch (const HttpError& error) {
    CHECK(error.kind() == kind);
    return error.what();
  }
  return "no failure";
}

const ConnectionRules public_only{.allow_loopback = false, .allow_private = false};

}  // namespace

TEST_CASE("a call goes through the proxy that it is told, with the proxy's own account") {
  FakeGateway proxy({{{http_answer(200, "proxied")}}, {{http_answer(200, "proxied")}}});
  HttpOptions options;
  options.proxy = "http://me:secret@" + proxy.url().substr(7);
  CHECK(http_call({"GET", "http://shop.example/a?b", {}, {}}, options).body == "proxied");
  const std::string request = proxy.requests().at(0);
  CHECK(request.starts_with("GET http://shop.example:80/a?b HTTP/1.1\r\n"));
  CHECK(request.find("Proxy-Authorization: Basic bWU6c2VjcmV0\r\n") != std::string::npos);
}

TEST_CASE("https goes through a proxy by CONNECT, and the proxy sees no more than host and port") {
  FakeGateway proxy({{{http_answer(403, "no")}}});
  HttpOptions options;
  options.proxy = proxy.url();
  CHECK(failure("https://shop.example/secret", options, HttpError::Kind::connect) ==
        "the proxy " + proxy.url().substr(7) +
            " opened no tunnel to shop.example:443: it answered 403");
  const std::string request = proxy.requests().at(0);
  CHECK(request.starts_with("CONNECT shop.example:443 HTTP/1.1\r\n"));
  CHECK(request.find("secret") == std::string::npos);
}

TEST_CASE("a tunnel is used as soon as the proxy has opened it, whatever else it says") {
  FakeGateway proxy({{{"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"}}});
  HttpOptions options;
  options.proxy = "http://me:secret@" + proxy.url().substr(7);
  CHECK(failure("https://shop.example/", options, HttpError::Kind::tls) ==
        "the TLS handshake with shop.example:443 failed");
  CHECK(proxy.requests().at(0) ==
        "CONNECT shop.example:443 HTTP/1.1\r\nHost: shop.example:443\r\n"
        "Proxy-Authorization: Basic bWU6c2VjcmV0\r\n\r\n");
}

TEST_CASE("loopback is never proxied, and a proxy over https is refused") {
  FakeGateway server({{{http_answer(200, "direct")}}});
  HttpOptions options;
  options.proxy = "http://127.0.0.1:1";
  CHECK(http_call({"GET", server.url(), {}, {}}, options).body == "direct");
  options.proxy = "https://proxy.example:3128";
  CHECK(failure("http://shop.example/", options, HttpError::Kind::bad_request) ==
        "the proxy proxy.example:3128 is to be reached over https: name it as http://");
}

TEST_CASE("a host name is resolved once, and what it resolves to is judged") {
  FakeGateway server({{{http_answer(200, "hello")}}});
  HttpOptions options;
  options.use_environment_proxy = false;
  options.allow_private = false;
  int resolved = 0;
  options.resolve = [&](const std::string& host) {
    CHECK(host == "shop.example");
    ++resolved;
    return std::vector<std::string>{"10.0.0.1", "127.0.0.1"};
  };
  const std::string url = "http://shop.example:" + server.url().substr(17) + "/";
  CHECK(http_call({"GET", url, {}, {}}, options).body == "hello");
  CHECK(resolved == 1);
  options.allow_loopback = false;
  CHECK(failure(url, options, HttpError::Kind::bad_request) ==
        "127.0.0.1 (shop.example) is this machine, which this connection may not be opened to");
}

TEST_CASE("a call follows no redirect by itself") {
  FakeGateway server({{{http_answer(302, "", "Location: http://127.0.0.1:1/\r\n")}}});
  const HttpResponse response = http_call({"GET", server.url(), {}, {}});
  CHECK(response.status == 302);
  CHECK(response.header("location") == "http://127.0.0.1:1/");
}

TEST_CASE("a redirect is followed within its origin, where method and body stay") {
  const std::string from = "https://shop.example/a/b";
  const auto follow = [&](const char* method, int status, const std::string& location,
                          std::size_t followed = 0) {
    const Redirect to = redirect_target(from, method, status, location, followed, {});
    return to.problem.empty() ? to.url : to.problem;
  };
  CHECK(follow("GET", 302, "c") == "https://shop.example/a/c");
  CHECK(follow("POST", 307, "/d?e") == "https://shop.example/d?e");
  CHECK(follow("POST", 308, "https://shop.example:443/x") == "https://shop.example:443/x");
  CHECK(follow("POST", 302, "/d") == "it would turn the POST into a GET");
  CHECK(follow("GET", 301, "/d", 5) == "more than 5 redirects");
  CHECK(follow("GET", 301, "http://shop.example/") ==
        "it leads to another origin, http://shop.example:80");
  CHECK(follow("GET", 301, "//evil.example/") ==
        "it leads to another origin, https://evil.example:443");
  CHECK(follow("GET", 301, "file:///etc/passwd") == "it leads to no http or https URL");
  CHECK(follow("GET", 301, "https://me@shop.example/") ==
        "the URL carries a user or a password: send them in a header instead");
}

TEST_CASE("addresses that are not public are refused in every spelling") {
  for (const char* ip :
       {"127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.1.1",
        "100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0",
        "fd00::1", "::ffff:10.0.0.1", "::ffff:7f00:1", "64:ff9b::a00:1", "2002:7f00:1::"}) {
    CAPTURE(ip);
    CHECK_FALSE(address_problem(ip, "host", public_only).empty());
  }
  for (const char* ip : {"93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34"}) {
    CAPTURE(ip);
    CHECK(address_problem(ip, "host", public_only).empty());
  }
  for (const char* text : {"", "1", "1.2.3", "0x7f.0.0.1", "2130706433", "1.2.3.4.5", "host"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_ip_address(text));
  }
  CHECK_FALSE(url_problem(*parse_http_url("http://localhost/"), public_only).empty());
  CHECK_FALSE(url_problem(*parse_http_url("http://[::1]/"), public_only).empty());
}

TEST_CASE("an error shows no secret of a URL") {
  CHECK(redacted_url("https://me:pw@shop.example/a?key=k&word#frag") ==
        "https://shop.example/a?key=…&…");
}

TEST_CASE("an IPv4 address is one in every form that resolvers take") {
  const auto host = [](const std::string& text) {
    const auto url = parse_http_url("http://" + text + "/");
    return url ? url->host : "none";
  };
  CHECK(host("0x7f.1") == "127.0.0.1");
  CHECK(host("2130706433") == "127.0.0.1");
  CHECK(host("0177.0.0.01") == "127.0.0.1");
  CHECK(host("127.1") == "127.0.0.1");
  CHECK(host("10.0.258") == "10.0.1.2");
  CHECK(host("0xA9FEA9FE") == "169.254.169.254");
  CHECK(host("127.0.0.1.") == "127.0.0.1");
  CHECK(host("4294967296") == "none");
  CHECK(host("1.2.3.256") == "none");
  CHECK(host("1.2.3.4.5") == "none");
  CHECK(host("127.0.0.08") == "none");
  CHECK(host("a.1.2") == "none");
  CHECK(host("1.example") == "1.example");
  CHECK(host("0x7f.example") == "0x7f.example");
  for (const char* text : {"0x7f.1", "2130706433", "127.0.0.1."}) {
    CHECK(url_problem(*parse_http_url("http://" + std::string(text)), public_only) ==
          "127.0.0.1 is this machine, which this connection may not be opened to");
  }
}

TEST_CASE("no address inside another one leads past the rules") {
  for (const char* address : {"::ffff:10.0.0.1",
                              "64:ff9b::10.0.0.1",
                              "64:ff9b:1::1",
                              "2002:a00:1::",
                              "2001:0:a00:1::",
                              "::10.0.0.1",
                              "2600::5efe:10.0.0.1",
                              "2600::200:5efe:10.0.0.1",
                              "fd00::1",
                              "fe80::1",
                              "fec0::1",
                              "ff02::1",
                              "2001:db8::1",
                              "100::1",
                              "5f00::1",
                              "100.64.0.1",
                              "192.0.0.8",
                              "198.18.0.1",
                              "224.0.0.1",
                              "255.255.255.255",
                              "0.1.2.3",
                              "169.254.169.254"}) {
    CAPTURE(address);
    CHECK_FALSE(address_problem(address, "a.example", public_only).empty());
  }
  for (const char* address : {"93.184.216.34", "2606:2800:220:1::1", "64:ff9b::93.184.216.34"}) {
    CAPTURE(address);
    CHECK(address_problem(address, "a.example", public_only) == "");
  }
}

TEST_CASE("networks may be allowed by name, and nothing beside them") {
  ConnectionRules rules = public_only;
  rules.allowed_networks = {*parse_ip_network("10.1.0.0/16"), *parse_ip_network("fd00:1::/32")};
  CHECK(address_problem("10.1.2.3", "a.example", rules) == "");
  CHECK(address_problem("::ffff:10.1.2.3", "a.example", rules) == "");
  CHECK(address_problem("fd00:1::5", "a.example", rules) == "");
  CHECK_FALSE(address_problem("10.2.0.1", "a.example", rules).empty());
  CHECK_FALSE(url_problem(*parse_http_url("http://localhost/"), rules).empty());
  rules.allowed_networks = {*parse_ip_network("127.0.0.1")};
  CHECK(url_problem(*parse_http_url("http://localhost/"), rules) == "");
  CHECK(address_problem("127.0.0.1", "localhost", rules) == "");
  CHECK_FALSE(address_problem("127.0.0.2", "localhost", rules).empty());
  for (const char* wrong : {"", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "x", "::/129", "1/2/3"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_ip_network(wrong).has_value());
  }
}

TEST_CASE("ports may be listed, and redirects may be let out of their origin") {
  ConnectionRules rules = public_only;
  rules.allowed_ports = {80, 443};
  CHECK(url_problem(*parse_http_url("https://a.example/"), rules) == "");
  CHECK(url_problem(*parse_http_url("http://a.example:22/"), rules) ==
        "port 22 is none of those that may be used (80, 443)");
  CHECK_FALSE(redirect_target("https://a.example/", "GET", 302, "https://b.example/", 0, rules)
                  .problem.empty());
  rules.redirects_leave_origin = true;
  CHECK(redirect_target("https://a.example/", "GET", 302, "//b.example/x", 0, rules).url ==
        "https://b.example/x");
  CHECK(redirect_target("https://a.example/", "GET", 302, "http://10.0.0.1/", 0, rules).problem ==
        "10.0.0.1 is no public address, which this connection may not be opened to");
  CHECK_FALSE(redirect_target("https://a.example/", "GET", 302, "gopher://b.example/", 0, rules)
                  .problem.empty());
}
