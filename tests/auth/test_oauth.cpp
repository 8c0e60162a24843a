#include <doctest/doctest.h>

#include <mcp/auth/auth_error.h>
#include <mcp/auth/oauth.h>
#include <mcp/auth/signing_key.h>
#include <mcp/auth/www_authenticate.h>

#include "fake_internet.h"

using namespace mcp::auth;
using mcp::Json;
using Texts = std::vector<std::string>;

namespace {

std::string field(const Form& form, const std::string& name) {
  const std::string* value = single_field(form, name);
  return value == nullptr ? "" : *value;
}

/// One user, one MCP server, one authorization server.
struct World {
  explicit World(const std::string& issuer = "https://login.example") : login(internet, issuer) {
    login.expected_resource = server.url;
    options.grant = AuthorizationCodeGrant{.user_agent = browser};
    options.store = store;
    options.rules.use_environment_proxy = false;
    options.connector = internet.connector();
    options.resolver = internet.resolver();
  }

  std::string call(const std::string& needed = "") {
    if (!authorizer) authorizer = make_oauth_authorizer(runtime, server.url, options);
    return server.call(*authorizer, runtime, needed);
  }
  AuthorizationCodeGrant& code_grant() { return std::get<AuthorizationCodeGrant>(options.grant); }
  std::string asked_scope(std::size_t index) {
    return field(login.authorizations.at(index), "scope");
  }

  mcp::ManualRuntime runtime;
  test::FakeInternet internet;
  test::FakeAuthorizationServer login;
  test::FakeMcpServer server{internet, "https://mcp.example/mcp", login};
  std::shared_ptr<test::FakeBrowser> browser = std::make_shared<test::FakeBrowser>(internet);
  std::shared_ptr<TokenStore> store = make_memory_token_store();
  OAuthOptions options;
  std::shared_ptr<mcp::Authorizer> authorizer;
};

}  // namespace

TEST_CASE("A client registers, a user authorizes, and the call goes through") {
  World world;
  world.server.challenge_scope = "files:read";
  CHECK(world.call() == "ok");
  REQUIRE(world.login.registrations.size() == 1);
  const Json& registration = world.login.registrations.front();
  CHECK(registration.at("redirect_uris") == Json{"http://127.0.0.1:4711/callback"});
  CHECK(registration.at("grant_types") == Json{"authorization_code", "refresh_token"});
  CHECK(registration.at("application_type") == "native");
  CHECK(registration.at("token_endpoint_auth_method") == "none");
  REQUIRE(world.login.authorizations.size() == 1);
  const Form& asked = world.login.authorizations.front();
  CHECK(field(asked, "resource") == "https://mcp.example/mcp");
  CHECK(field(asked, "scope") == "files:read");
  CHECK(field(asked, "state").size() == 43);
  CHECK(field(world.login.token_requests.at(0), "grant_type") == "authorization_code");
  CHECK(field(world.login.token_requests.at(0), "resource") == "https://mcp.example/mcp");
  // the next call needs nothing new
  CHECK(world.call() == "ok");
  CHECK(world.browser->opened == 1);
}

TEST_CASE("The resource is sent as the server spells it, byte for byte") {
  for (const char* resource :
       {"https://mcp.example", "https://mcp.example/", "HTTPS://mcp.example:443/mcp"}) {
    World world;
    world.server.metadata["resource"] = resource;
    world.login.expected_resource = resource;
    CHECK(world.call() == "ok");
    CHECK(field(world.login.authorizations.at(0), "resource") == resource);
  }
}

TEST_CASE("Scopes: the challenge's, else the resource's, else none") {
  World world;
  world.server.metadata["scopes_supported"] = {"a", "b"};
  SUBCASE("the challenge's") {
    world.server.challenge_scope = "c";
    CHECK(world.call() == "ok");
    CHECK(world.asked_scope(0) == "c");
  }
  SUBCASE("the resource's") {
    CHECK(world.call() == "ok");
    CHECK(world.asked_scope(0) == "a b");
  }
  SUBCASE("none, although the authorization server has some") {
    world.server.metadata.erase("scopes_supported");
    world.login.metadata["scopes_supported"] = {"a", "offline_access"};
    CHECK(world.call() == "ok");
    CHECK(single_field(world.login.authorizations.at(0), "scope") == nullptr);
  }
  SUBCASE("offline_access only where it is offered") {
    world.login.metadata["scopes_supported"] = {"a", "offline_access"};
    CHECK(world.call() == "ok");
    CHECK(world.asked_scope(0) == "a b offline_access");
    CHECK(field(world.login.authorizations.at(0), "prompt") == "consent");
  }
}

TEST_CASE("A step-up asks for the union of the scopes, and is not repeated in vain") {
  World world;
  world.server.challenge_scope = "files:read";
  CHECK(world.call("files:read") == "ok");
  CHECK(world.call("files:write") == "ok");
  CHECK(world.asked_scope(1) == "files:read files:write");
  CHECK(world.call("files:write") == "ok");
  CHECK(world.browser->opened == 2);

  // The server grants less than it was asked for.
  world.login.on_token = [&](const Form&) -> std::optional<test::HttpResponse> {
    world.login.tokens["narrow"] = {"files:read", world.server.url, "", ""};
    return test::answer(200, {{"access_token", "narrow"}, {"token_type", "bearer"}});
  };
  CHECK(world.call("admin") ==
        "the server wants the scopes admin, which have been asked for already");
  CHECK(world.browser->opened == 3);
  CHECK(world.call("admin") ==
        "the server wants the scopes admin, which have been asked for already");
  CHECK(world.browser->opened == 3);
}

TEST_CASE("An expired token is refreshed, the refresh token rotates") {
  World world;
  CHECK(world.call() == "ok");
  for (int i = 0; i < 3; ++i) {
    for (const auto& [token, record] : world.login.tokens) world.server.revoked.insert(token);
    CHECK(world.call() == "ok");
  }
  CHECK(world.browser->opened == 1);
  REQUIRE(world.login.token_requests.size() == 4);
  Texts refresh_tokens;
  for (std::size_t i = 1; i < 4; ++i) {
    CHECK(field(world.login.token_requests[i], "grant_type") == "refresh_token");
    CHECK(field(world.login.token_requests[i], "resource") == "https://mcp.example/mcp");
    refresh_tokens.push_back(field(world.login.token_requests[i], "refresh_token"));
  }
  CHECK(refresh_tokens[0] != refresh_tokens[1]);
  CHECK(refresh_tokens[1] != refresh_tokens[2]);
}

TEST_CASE("A refresh token that does not rotate is used again") {
  World world;
  world.login.rotates = false;
  CHECK(world.call() == "ok");
  for (int i = 0; i < 2; ++i) {
    for (const auto& [token, record] : world.login.tokens) world.server.revoked.insert(token);
    CHECK(world.call() == "ok");
  }
  CHECK(world.browser->opened == 1);
}

TEST_CASE("When a refresh is refused the user authorizes again") {
  World world;
  CHECK(world.call() == "ok");
  for (const auto& [token, record] : world.login.tokens) world.server.revoked.insert(token);
  world.login.on_token = [](const Form& form) -> std::optional<test::HttpResponse> {
    if (field(form, "grant_type") != "refresh_token") return std::nullopt;
    return test::answer(400, {{"error", "invalid_grant"}});
  };
  CHECK(world.call() == "ok");
  CHECK(world.browser->opened == 2);
}

TEST_CASE("A server that refuses every token does not keep the user authorizing") {
  World world;
  world.server.refuse_all = true;
  CHECK(world.call() ==
        "the server refuses the token that its authorization server has just given");
  CHECK(world.browser->opened == 1);
}

TEST_CASE("A plain 403 leads to no authorization") {
  World world;
  CHECK(world.call() == "ok");
  std::optional<std::string> error;
  world.authorizer->refused({{"POST", world.server.url},
                             world.authorizer->headers({"POST", world.server.url}),
                             403,
                             {},
                             1},
                            [&](std::optional<std::string> why) { error = std::move(why); });
  CHECK(error == "the server forbids the request (403)");
  CHECK(world.browser->opened == 1);
}

TEST_CASE("A server without PKCE S256 is refused before the user is asked") {
  for (const Json& methods : {Json(nullptr), Json{"plain"}, Json::array()}) {
    World world;
    world.login.metadata["code_challenge_methods_supported"] = methods;
    CHECK(world.call() ==
          "authorization failed: the authorization server https://login.example does not say that "
          "it supports PKCE with S256 (code_challenge_methods_supported): it can't be used");
    CHECK(world.login.authorizations.empty());
  }
}

TEST_CASE("The issuer in the answer is compared character by character (RFC 9207)") {
  struct Row {
    bool promised;
    std::optional<std::string> sent;
    bool good;
  };
  for (const Row& row :
       {Row{true, "https://login.example", true}, Row{true, std::nullopt, false},
        Row{true, "https://evil.example", false}, Row{true, "https://login.example/", false},
        Row{true, "HTTPS://login.example", false}, Row{false, "https://login.example", true},
        Row{false, "https://evil.example", false}, Row{false, "", false},
        Row{false, std::nullopt, true}}) {
    CAPTURE(row.promised);
    CAPTURE(row.sent.value_or("absent"));
    World world;
    if (row.promised) world.login.metadata["authorization_response_iss_parameter_supported"] = true;
    world.login.issuer_in_answer = row.sent;
    CHECK((world.call() == "ok") == row.good);
    CHECK(world.login.authorizations.size() == 1);
    CHECK(world.login.token_requests.empty() != row.good);
  }
}

TEST_CASE("An answer with another state is not used") {
  World world;
  world.login.wrong_state = "somebody-elses";
  CHECK(world.call() ==
        "authorization failed: the authorization's answer belongs to another request (state "
        "differs)");
  CHECK(world.login.token_requests.empty());
}

TEST_CASE("A client id that is a document's URL is used where the server reads such documents") {
  World world;
  world.code_grant().client_metadata_url = "https://app.example/client.json";
  SUBCASE("it does") {
    world.login.metadata["client_id_metadata_document_supported"] = true;
    world.login.clients["https://app.example/client.json"] = "";
    CHECK(world.call() == "ok");
    CHECK(world.login.registrations.empty());
  }
  SUBCASE("it does not") {
    CHECK(world.call() == "ok");
    CHECK(world.login.registrations.size() == 1);
  }
}

TEST_CASE("Configured client credentials go to their issuer, by the method it supports") {
  World world;
  world.options.clients = {{"https://login.example", "my client:1", "s3cr%t&"}};
  world.login.clients["my client:1"] = "s3cr%t&";
  for (const char* method : {"client_secret_basic", "client_secret_post"}) {
    world.login.metadata["token_endpoint_auth_methods_supported"] = {method};
    world.authorizer = nullptr;
    world.store->erase("session " + world.server.url);
    CHECK(world.call() == "ok");
    CHECK(field(world.login.token_requests.back(), "client_secret") ==
          (method == std::string("client_secret_post") ? "s3cr%t&" : ""));
  }
  CHECK(world.login.registrations.empty());
}

TEST_CASE("Configured client credentials go to nobody else") {
  World world;
  test::FakeAuthorizationServer other(world.internet, "https://other.example");
  SUBCASE("with their issuer") {
    world.options.clients = {{"https://login.example", "mine", "secret"}};
    world.server.metadata["authorization_servers"] = {"https://other.example"};
    CHECK(world.call() ==
          "authorization failed: no client id is configured for https://other.example, the "
          "authorization server that the server names");
  }
  SUBCASE("without one: bound to the first") {
    world.options.clients = {{"", "mine", "secret"}};
    world.login.clients["mine"] = "secret";
    CHECK(world.call() == "ok");
    world.server.metadata["authorization_servers"] = {"https://other.example"};
    for (const auto& [token, record] : world.login.tokens) world.server.revoked.insert(token);
    CHECK(world.call() ==
          "authorization failed: the client id that is configured for this server belongs to "
          "https://login.example, and the server now names https://other.example");
  }
  CHECK(other.authorizations.empty());
  CHECK(other.token_requests.empty());
}

TEST_CASE("When the server moves to another authorization server nothing of the first goes there") {
  World world;
  CHECK(world.call() == "ok");
  test::FakeAuthorizationServer next(world.internet, "https://next.example");
  next.expected_resource = world.server.url;
  world.server.metadata["authorization_servers"] = {"https://next.example"};
  world.server.server = &next;  // the old token is worth nothing now
  CHECK(world.call() == "ok");
  CHECK(next.registrations.size() == 1);
  REQUIRE(next.token_requests.size() == 1);
  CHECK(field(next.token_requests[0], "client_id").ends_with("of-https://next.example"));
  CHECK(field(next.token_requests[0], "grant_type") == "authorization_code");
  CHECK(world.login.token_requests.size() == 1);
  // and back again: both registrations are kept
  world.server.metadata["authorization_servers"] = {"https://login.example"};
  world.server.server = &world.login;
  CHECK(world.call() == "ok");
  CHECK(world.login.registrations.size() == 1);
  CHECK(next.registrations.size() == 1);
}

TEST_CASE("The store's tokens and registrations serve the next process") {
  World world;
  CHECK(world.call() == "ok");
  world.authorizer = make_oauth_authorizer(world.runtime, world.server.url, world.options);
  CHECK(world.call() == "ok");
  CHECK(world.login.token_requests.size() == 1);
  // expired meanwhile: refreshed, nobody is asked
  for (const auto& [token, record] : world.login.tokens) world.server.revoked.insert(token);
  world.authorizer = make_oauth_authorizer(world.runtime, world.server.url, world.options);
  CHECK(world.call() == "ok");
  CHECK(world.browser->opened == 1);
  forget_tokens(*world.store, world.server.url);
  world.authorizer = nullptr;
  CHECK(world.call() == "ok");
  CHECK(world.browser->opened == 2);
  CHECK(world.login.registrations.size() == 1);
  // another redirect address: registered anew
  world.browser->uri = "http://127.0.0.1:4712/callback";
  forget_tokens(*world.store, world.server.url);
  world.authorizer = nullptr;
  CHECK(world.call() == "ok");
  CHECK(world.login.registrations.size() == 2);
}

TEST_CASE("Calls that are refused together share one authorization") {
  World world;
  auto authorizer = make_oauth_authorizer(world.runtime, world.server.url, world.options);
  const mcp::Authorizer::Request request{"POST", world.server.url};
  int retried = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto response = world.server.respond({}, "");
    authorizer->refused({request, {}, response.status, response.headers, 1},
                        [&](std::optional<std::string> error) { retried += error ? 0 : 1; });
  }
  world.runtime.run();
  CHECK(retried == 1000);
  CHECK(world.browser->opened == 1);
  // and one that comes late, with the old (no) token, is sent again at once
  bool again = false;
  authorizer->refused({request, {}, 401, {}, 1},
                      [&](std::optional<std::string> error) { again = !error; });
  CHECK(again);
}

TEST_CASE("A client authorizes itself, with a secret or with a key") {
  World world;
  world.options.grant = ClientCredentialsGrant{};
  world.server.challenge_scope = "mcp";
  SUBCASE("secret") {
    world.options.clients = {{"", "robot", "secret"}};
    world.login.clients["robot"] = "secret";
  }
  SUBCASE("key") {
    const auto key = SigningKey::generate(Algorithm::es256);
    world.options.clients = {{"", "robot", "", key.private_pem()}};
    world.login.client_keys.emplace("robot", SigningKey::from_jwk(key.public_jwk()));
  }
  CHECK(world.call("mcp") == "ok");
  CHECK(field(world.login.token_requests.at(0), "grant_type") == "client_credentials");
  CHECK(field(world.login.token_requests.at(0), "scope") == "mcp");
  CHECK(world.login.authorizations.empty());
  // expired: asked again, there is nothing to refresh with
  for (const auto& [token, record] : world.login.tokens) world.server.revoked.insert(token);
  CHECK(world.call("mcp") == "ok");
  CHECK(world.login.token_requests.size() == 2);
}

TEST_CASE("Enterprise-managed authorization: the identity provider's assertion is redeemed") {
  World world;
  world.options.clients = {{"", "agent", "secret"}};
  world.login.clients["agent"] = "secret";
  world.login.assertion = "id-jag-1";
  Form exchange;
  world.internet.serve("https://idp.example", [&](const test::HttpRequest& request) {
    exchange = decode_form(request.body);
    return test::answer(200, {{"access_token", "id-jag-1"},
                              {"issued_token_type", "urn:ietf:params:oauth:token-type:id-jag"},
                              {"token_type", "N_A"}});
  });
  world.options.grant =
      EnterpriseManagedGrant{"https://idp.example/token", "at-idp", "", [] { return "id-token"; }};
  CHECK(world.call() == "ok");
  CHECK(field(exchange, "grant_type") == "urn:ietf:params:oauth:grant-type:token-exchange");
  CHECK(field(exchange, "subject_token") == "id-token");
  CHECK(field(exchange, "requested_token_type") == "urn:ietf:params:oauth:token-type:id-jag");
  CHECK(field(exchange, "audience") == "https://login.example");
  CHECK(field(exchange, "resource") == "https://mcp.example/mcp");
  CHECK(field(exchange, "client_id") == "at-idp");
}

TEST_CASE("Workload identity: one assertion, and no second try when it is refused") {
  World world;
  world.options.clients = {{"", "workload", ""}};
  world.login.clients["workload"] = "";
  world.login.assertion = "platform-jwt";
  std::string assertion = "platform-jwt";
  world.options.grant = WorkloadIdentityGrant{[&] { return assertion; }};
  SUBCASE("good") {
    CHECK(world.call() == "ok");
    CHECK(world.login.token_requests.size() == 1);
  }
  SUBCASE("refused") {
    assertion = "expired-jwt";
    CHECK(world.call() ==
          "authorization failed: the token endpoint of https://login.example gave no token: "
          "invalid_grant (no such assertion as ...)");
    CHECK(world.login.token_requests.size() == 1);
  }
}

TEST_CASE("Proofs of possession, with and without nonces") {
  World world;
  world.server.dpop = true;
  world.login.dpop = true;
  SUBCASE("without") {}
  SUBCASE("with") {
    world.login.dpop_nonce = "login-nonce";
    world.server.dpop_nonce = "server-nonce-1";
  }
  CHECK(world.call() == "ok");
  CHECK(world.call() == "ok");
  CHECK(world.browser->opened == 1);
  CHECK(field(world.login.authorizations.at(0), "dpop_jkt").size() == 43);
  // the key outlives the process with its token
  world.authorizer = nullptr;
  CHECK(world.call() == "ok");
  CHECK(world.browser->opened == 1);
  if (!world.server.dpop_nonce.empty()) {
    world.server.dpop_nonce = "server-nonce-2";
    CHECK(world.call() == "ok");
  }
  // a refreshed token is bound to the same key
  for (const auto& [token, record] : world.login.tokens) world.server.revoked.insert(token);
  CHECK(world.call() == "ok");
  CHECK(world.browser->opened == 1);
}

TEST_CASE("No secret gets into an error, not even one that the server sends back") {
  World world;
  world.options.clients = {{"", "mine", "the-client-secret"}};
  world.login.clients["mine"] = "the-client-secret";
  std::string seen;
  world.login.on_token = [&](const Form& form) -> std::optional<test::HttpResponse> {
    seen = field(form, "code") + " " + field(form, "code_verifier") + " the-client-secret";
    return test::answer(400,
                        {{"error", "invalid_request\r\n\x1b[31m"},
                         {"error_description", "I got " + seen + "\n" + std::string(500, 'x')}});
  };
  const std::string error = world.call();
  CHECK(
      error.starts_with("authorization failed: the token endpoint of https://login.example gave "
                        "no token: invalid_request???[31m (I got ... ... ...?xxx"));
  CHECK(error.size() < 500);
  for (const char* secret : {"the-client-secret", "code-"}) {
    CAPTURE(error);
    CHECK(error.find(secret) == std::string::npos);
  }
}

TEST_CASE("A token that can't be used is refused with a reason") {
  const auto refusal = [](const Json& body) {
    World world;
    world.login.on_token = [&](const Form&) { return test::answer(200, body); };
    return world.call();
  };
  const std::string prefix =
      "authorization failed: the token of the token endpoint of https://login.example ";
  CHECK(refusal({{"token_type", "Bearer"}}) == prefix + "has no \"access_token\"");
  CHECK(refusal({{"access_token", "a b"}, {"token_type", "Bearer"}}) ==
        prefix + "can't be sent: it is too long or no visible ASCII");
  CHECK(refusal({{"access_token", "a\r\nX: y"}, {"token_type", "Bearer"}}) ==
        prefix + "can't be sent: it is too long or no visible ASCII");
  CHECK(refusal({{"access_token", std::string(40'000, 'a')}, {"token_type", "Bearer"}}) ==
        prefix + "can't be sent: it is too long or no visible ASCII");
  CHECK(refusal({{"access_token", "a"}, {"token_type", "mac"}}) ==
        "authorization failed: the token is of a type that can't be used: mac");
  CHECK(refusal({{"access_token", "a"}, {"token_type", "DPoP"}}) ==
        "authorization failed: the token is bound to a key that was not shown (DPoP)");
}

TEST_CASE("Destroying the authorizer while it waits for the user ends the wait") {
  World world;
  struct Patient final : UserAgent {
    std::string redirect_uri(const std::optional<std::string>&) override {
      return "http://127.0.0.1:1/callback";
    }
    std::string authorize(const std::string&, std::stop_token stop) override {
      stopped = stop.stop_requested();
      throw AuthError("the authorization was cancelled");
    }
    bool stopped = false;
  };
  const auto agent = std::make_shared<Patient>();
  world.code_grant().user_agent = agent;
  auto authorizer = make_oauth_authorizer(world.runtime, world.server.url, world.options);
  const auto response = world.server.respond({}, "");
  authorizer->refused({{"POST", world.server.url}, {}, 401, response.headers, 1}, [](auto) {});
  authorizer = nullptr;
  world.runtime.run();
  CHECK(agent->stopped);
}
