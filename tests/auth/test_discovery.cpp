#include <doctest/doctest.h>

#include <mcp/auth/auth_error.h>
#include <mcp/auth/discovery.h>
#include <mcp/auth/www_authenticate.h>

#include "fake_internet.h"

using namespace mcp::auth;
using mcp::Json;
using Texts = std::vector<std::string>;

namespace {

AuthenticateChallenge only_challenge(const std::string& header) {
  const auto all = parse_www_authenticate({{"www-authenticate", header}});
  REQUIRE(all.size() == 1);
  return all.front();
}

}  // namespace

TEST_CASE("A challenge is read whatever the order and the spelling of its parameters") {
  const auto challenge = only_challenge(
      R"(bEaReR scope = "files:read  files:write" ,, Resource_Metadata="https://a/b?c,d=\"e\"",error=invalid_token)");
  CHECK(challenge.scheme == "bearer");
  CHECK(*challenge.parameter("resource_metadata") == "https://a/b?c,d=\"e\"");
  CHECK(*challenge.parameter("scope") == "files:read  files:write");
  CHECK(*challenge.parameter("error") == "invalid_token");
  CHECK(challenge.parameter("realm") == nullptr);
}

TEST_CASE("Several challenges in one header and in several") {
  const auto all = parse_www_authenticate(
      {{"www-authenticate", "Negotiate, Basic realm=\"x\", Bearer error=\"invalid_token\""},
       {"content-type", "Bearer scope=no"},
       {"www-authenticate", "NTLM TlRMTVNTUAACAA==, DPoP algs=\"ES256\""}});
  Texts schemes;
  for (const auto& challenge : all) schemes.push_back(challenge.scheme);
  CHECK(schemes == Texts{"negotiate", "basic", "bearer", "ntlm", "dpop"});
  CHECK(*all[2].parameter("error") == "invalid_token");
  CHECK(*all[4].parameter("algs") == "ES256");
}

TEST_CASE("Hostile challenges end nothing and stay small") {
  CHECK(parse_www_authenticate({{"www-authenticate", ""}}).empty());
  CHECK(parse_www_authenticate({{"www-authenticate", "\"\"\"\\"}}).empty());
  CHECK(only_challenge("Bearer scope=\"never closed").parameters.empty());
  CHECK(only_challenge("Bearer =").parameters.empty());
  std::string flood = "Bearer ";
  for (int i = 0; i < 10'000; ++i) flood += "p" + std::to_string(i) + "=1,";
  CHECK(only_challenge(flood).parameters.size() == 32);
  std::string schemes;
  for (int i = 0; i < 10'000; ++i) schemes += "Scheme" + std::to_string(i) + ", ";
  CHECK(parse_www_authenticate({{"www-authenticate", schemes}}).size() == 16);
}

TEST_CASE("A written challenge is read as it was meant") {
  const std::string text = write_challenge(
      "Bearer", {{"error", "insufficient_scope"}, {"error_description", "say \"a\\b\"\r\nX: y"}});
  CHECK(text ==
        "Bearer error=\"insufficient_scope\", error_description=\"say \\\"a\\\\b\\\"??X: y\"");
  CHECK(*only_challenge(text).parameter("error_description") == "say \"a\\b\"??X: y");
}

TEST_CASE("Scopes are split, joined and united without repeats") {
  CHECK(split_scope("a b  a c\"d e") == Texts{"a", "b", "e"});
  CHECK(split_scope("") == Texts{});
  CHECK(join_scope(scope_union({"a", "b"}, {"b", "c"})) == "a b c");
  CHECK(scope_covers({"a", "b"}, {"b"}));
  CHECK_FALSE(scope_covers({"a"}, {"a", "b"}));
}

TEST_CASE("Where a server's metadata may be, in the order of the specification") {
  CHECK(resource_metadata_urls("https://example.com/public/mcp") ==
        Texts{"https://example.com/.well-known/oauth-protected-resource/public/mcp",
              "https://example.com/.well-known/oauth-protected-resource"});
  CHECK(resource_metadata_urls("https://example.com:8443") ==
        Texts{"https://example.com:8443/.well-known/oauth-protected-resource"});
  CHECK(resource_metadata_urls("https://example.com/") ==
        Texts{"https://example.com/.well-known/oauth-protected-resource"});
  CHECK(resource_metadata_urls("https://example.com/mcp?tenant=1#x") ==
        Texts{"https://example.com/.well-known/oauth-protected-resource/mcp?tenant=1",
              "https://example.com/.well-known/oauth-protected-resource"});
}

TEST_CASE("Where an authorization server's metadata may be, in the order of the specification") {
  CHECK(server_metadata_urls("https://auth.example.com/tenant1") ==
        Texts{"https://auth.example.com/.well-known/oauth-authorization-server/tenant1",
              "https://auth.example.com/.well-known/openid-configuration/tenant1",
              "https://auth.example.com/tenant1/.well-known/openid-configuration"});
  CHECK(server_metadata_urls("https://auth.example.com/tenant1/") ==
        server_metadata_urls("https://auth.example.com/tenant1"));
  for (const char* issuer : {"https://auth.example.com", "https://auth.example.com/"})
    CHECK(server_metadata_urls(issuer) ==
          Texts{"https://auth.example.com/.well-known/oauth-authorization-server",
                "https://auth.example.com/.well-known/openid-configuration"});
}

TEST_CASE("A resource covers a server at its path and below, in the same origin only") {
  CHECK(resource_covers("https://example.com/mcp", "https://example.com/mcp"));
  CHECK(resource_covers("https://example.com", "https://example.com/mcp"));
  CHECK(resource_covers("https://example.com/", "https://example.com/mcp"));
  CHECK(resource_covers("HTTPS://EXAMPLE.com:443/a", "https://example.com/a/mcp"));
  CHECK_FALSE(resource_covers("https://example.com/mc", "https://example.com/mcp"));
  CHECK_FALSE(resource_covers("https://example.com/mcp/x", "https://example.com/mcp"));
  CHECK_FALSE(resource_covers("https://example.com.evil.test/mcp", "https://example.com/mcp"));
  CHECK_FALSE(resource_covers("http://example.com/mcp", "https://example.com/mcp"));
  CHECK_FALSE(resource_covers("https://example.com:444/mcp", "https://example.com/mcp"));
  CHECK_FALSE(resource_covers("https://example.com/mcp#x", "https://example.com/mcp"));
  CHECK_FALSE(resource_covers("example.com", "https://example.com/mcp"));
}

namespace {

/// A fetcher with rules as for a public server, on an internet of the test.
struct Net {
  test::FakeInternet internet;
  Fetcher fetcher(const std::string& server_url = "https://mcp.example/mcp") {
    return Fetcher(foreign_rules({.use_environment_proxy = false}, server_url, internet.resolver()),
                   internet.connector(), internet.resolver(), {});
  }
  std::string refusal(const std::string& url, const std::string& server = "https://mcp.example/") {
    auto client = fetcher(server);
    try {
      client.get(url, "a document");
      return "";
    } catch (const AuthError& error) {
      return error.what();
    }
  }
};

}  // namespace

TEST_CASE("A server can't make its client connect to addresses inside, and nothing is opened") {
  Net net;
  net.internet.addresses = {{"metadata.example", "169.254.169.254"},
                            {"inside.example", "10.1.2.3"},
                            {"here.example", "127.0.0.1"},
                            {"mapped.example", "::ffff:169.254.169.254"}};
  for (const char* url : {"http://169.254.169.254/latest/meta-data",
                          "https://169.254.169.254/",
                          "https://[fe80::1]/",
                          "https://[::ffff:169.254.169.254]/",
                          "https://127.0.0.1/",
                          "http://localhost:8080/",
                          "https://[::1]/",
                          "https://10.0.0.1/",
                          "https://192.168.1.1/",
                          "https://metadata.example/",
                          "https://inside.example/",
                          "https://here.example/",
                          "https://mapped.example/",
                          "file:///etc/passwd",
                          "gopher://x/",
                          "http://plain.example/",
                          "https://user:pass@login.example/",
                          "https://0.0.0.0/",
                          "javascript:alert(1)",
                          ""}) {
    CAPTURE(url);
    CHECK(net.refusal(url).starts_with("can't get a document: "));
  }
  CHECK(net.internet.called.empty());
  CHECK(net.refusal("https://metadata.example/") ==
        "can't get a document: 169.254.169.254 (metadata.example) is a link-local address");
  CHECK(net.refusal("http://plain.example/") ==
        "can't get a document: http://plain.example/: is not https (http is for loopback only)");
}

TEST_CASE("From loopback a server may name loopback, from a private network private addresses") {
  Net net;
  net.internet.serve("http://localhost:9", [](const auto&) { return test::answer(200, {}); });
  net.internet.serve("https://inside.example", [](const auto&) { return test::answer(200, {}); });
  net.internet.addresses = {{"inside.example", "10.1.2.3"}, {"mcp.corp", "10.0.0.9"}};
  CHECK(net.refusal("http://localhost:9/", "http://127.0.0.1:80/mcp") == "");
  CHECK(net.refusal("https://inside.example/", "https://mcp.corp/mcp") == "");
  CHECK(net.internet.called.size() == 2);
  // and even then never the place where machines keep their credentials
  CHECK(net.refusal("https://169.254.169.254/", "https://mcp.corp/mcp") != "");
  CHECK(net.refusal("https://169.254.169.254/", "http://localhost/mcp") != "");
  CHECK(net.refusal("http://localhost:9/", "https://mcp.corp/mcp") != "");
  CHECK(net.internet.called.size() == 2);
}

TEST_CASE("The judged address is the one that is connected to") {
  test::FakeInternet internet;
  std::string pinned;
  Fetcher fetcher(
      {.use_environment_proxy = false, .allow_loopback = false, .allow_private = false},
      [&](const auto&, const mcp::outbound::HttpOptions& options, std::stop_token) {
        pinned = options.pinned_address;
        return test::answer(200, Json::object());
      },
      [](const std::string&) {
        return Texts{"10.0.0.1", "20.0.0.7"};
      },
      {});
  fetcher.get("https://login.example/", "a document");
  CHECK(pinned == "20.0.0.7");
}

TEST_CASE("Redirects stay in their origin and end") {
  Net net;
  net.internet.serve("https://login.example", [](const test::HttpRequest& request) {
    if (request.url == "https://login.example/away")
      return test::answer(302, {}, {{"location", "https://evil.example/"}});
    if (request.url == "https://login.example/once")
      return test::answer(302, {}, {{"location", "/there"}});
    if (request.url == "https://login.example/there") return test::answer(200, Json::object());
    return test::answer(302, {}, {{"location", request.url + "x"}});
  });
  CHECK(net.refusal("https://login.example/once") == "");
  CHECK(net.refusal("https://login.example/away") ==
        "can't get a document: the redirect from https://login.example/away is not followed: it "
        "leads to another origin, https://evil.example:443");
  net.internet.called.clear();
  CHECK(net.refusal("https://login.example/loop").ends_with("more than 5 redirects"));
  CHECK(net.internet.called.size() == 6);
}

TEST_CASE("Discovery looks in the specification's order, and at nothing else") {
  Net net;
  const std::string server_url = "https://mcp.example/mcp";
  test::FakeAuthorizationServer login(net.internet, "https://login.example/tenant1");
  test::FakeMcpServer server(net.internet, server_url, login);

  SUBCASE("announced, metadata at the last place") {
    server.metadata_url = "https://mcp.example/custom.json";
    login.metadata_url = "https://login.example/tenant1/.well-known/openid-configuration";
    auto fetcher = net.fetcher();
    const auto found = discover(fetcher, server_url, server.metadata_url, {});
    CHECK(found.server.issuer == "https://login.example/tenant1");
    CHECK(net.internet.called ==
          Texts{"GET https://mcp.example/custom.json",
                "GET https://login.example/.well-known/oauth-authorization-server/tenant1",
                "GET https://login.example/.well-known/openid-configuration/tenant1",
                "GET https://login.example/tenant1/.well-known/openid-configuration"});
  }
  SUBCASE("not announced, metadata at the root") {
    server.metadata_url = "https://mcp.example/.well-known/oauth-protected-resource";
    server.metadata["resource"] = "https://mcp.example";
    auto fetcher = net.fetcher();
    CHECK(discover(fetcher, server_url, {}, {}).resource == "https://mcp.example");
    CHECK(net.internet.called ==
          Texts{"GET https://mcp.example/.well-known/oauth-protected-resource/mcp",
                "GET https://mcp.example/.well-known/oauth-protected-resource",
                "GET https://login.example/.well-known/oauth-authorization-server/tenant1"});
  }
  SUBCASE("an issuer that we have credentials for is preferred") {
    server.metadata["authorization_servers"] = {"https://other.example",
                                                "https://login.example/tenant1"};
    auto fetcher = net.fetcher();
    CHECK(discover(fetcher, server_url, {}, {"https://login.example/tenant1"}).server.issuer ==
          "https://login.example/tenant1");
  }
  SUBCASE("no documents at all: the endpoints of 2025-03-26") {
    server.metadata = nullptr;
    auto fetcher = net.fetcher();
    const auto found = discover(fetcher, server_url, {}, {});
    CHECK(found.resource == server_url);
    CHECK(found.server.authorization_endpoint == "https://mcp.example/authorize");
    CHECK(found.server.token_endpoint == "https://mcp.example/token");
    CHECK(found.server.registration_endpoint == "https://mcp.example/register");
  }
}

TEST_CASE("Discovery refuses what it can't trust") {
  Net net;
  const std::string server_url = "https://mcp.example/mcp";
  test::FakeAuthorizationServer login(net.internet, "https://login.example");
  test::FakeMcpServer server(net.internet, server_url, login);
  const auto refusal = [&] {
    auto fetcher = net.fetcher();
    try {
      discover(fetcher, server_url, {}, {});
      return std::string("accepted");
    } catch (const AuthError& error) {
      return std::string(error.what());
    }
  };
  SUBCASE("the metadata of another resource") {
    server.metadata["resource"] = "https://evil.example/mcp";
    CHECK(refusal() ==
          "the server's protected resource metadata is of another resource, "
          "https://evil.example/mcp: no token is asked for");
    CHECK(net.internet.called.size() == 1);
  }
  SUBCASE("the metadata of another issuer, if only by a slash") {
    for (const char* issuer : {"https://attacker.example", "https://login.example/"}) {
      login.metadata["issuer"] = issuer;
      CHECK(refusal() ==
            "the metadata of the authorization server https://login.example is of "
            "another issuer, " +
                std::string(issuer) + ": it can't be used");
    }
  }
  SUBCASE("an endpoint inside, or without TLS, or for a program") {
    for (const char* url : {"https://169.254.169.254/token", "http://login.example/token",
                            "https://localhost/token", "file:///etc/passwd"}) {
      login.metadata["token_endpoint"] = url;
      CHECK(refusal().starts_with("the token endpoint of https://login.example can't be used"));
    }
    login.metadata["authorization_endpoint"] = "javascript:alert(1)";
    CHECK(refusal().starts_with("the authorization endpoint of https://login.example can't"));
  }
  SUBCASE("no authorization server, or too many, or of the wrong type") {
    server.metadata["authorization_servers"] = Json::array();
    CHECK(refusal() == "the server's protected resource metadata names no authorization server");
    server.metadata["authorization_servers"] = std::vector<std::string>(1001, "https://a");
    CHECK(refusal().ends_with("that is no array of at most 1000 texts"));
    server.metadata["authorization_servers"] = "https://login.example";
    CHECK(refusal().ends_with("that is no array of at most 1000 texts"));
  }
  SUBCASE("an issuer without metadata") {
    login.metadata = nullptr;
    CHECK(refusal() ==
          "the authorization server https://login.example has no metadata at any "
          "well-known place");
  }
  SUBCASE("a server in trouble is not taken for one without metadata") {
    net.internet.serve("https://mcp.example", [](const auto&) { return test::answer(503, {}); });
    CHECK(refusal() == "can't get the server's protected resource metadata: HTTP status 503");
  }
}
