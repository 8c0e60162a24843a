#include <stdexcept>

#include <doctest/doctest.h>

#include <mcp/auth/bearer_verifier.h>
#include <mcp/auth/json_web_token.h>
#include <mcp/base/base64.h>

#include "fake_internet.h"

using namespace mcp::auth;
using mcp::Challenge;
using mcp::Json;
using mcp::Principal;
using mcp::RequestVerifier;

namespace {

const std::string resource = "https://mcp.example/mcp";
const std::string issuer = "https://login.example";
constexpr std::int64_t start = 1767225600;  // the manual runtime's clock

/// An issuer with keys, and a server that checks its tokens.
struct World {
  World() {
    internet.serve(issuer, [this](const test::HttpRequest& request) {
      if (down) throw std::runtime_error("connection refused by 10.0.0.5");
      if (request.url == issuer + "/.well-known/oauth-authorization-server")
        return test::answer(200, {{"issuer", issuer}, {"jwks_uri", issuer + "/keys"}});
      if (request.url == issuer + "/keys") {
        ++key_fetches;
        return test::answer(200, key_set);
      }
      if (request.url == issuer + "/introspect") {
        ++introspections;
        introspection_request = request;
        return test::answer(200, introspection_answer);
      }
      return test::answer(404, nullptr);
    });
    publish("one", key);
    options.resource = resource;
    options.authorization_servers = {issuer};
    options.rules.use_environment_proxy = false;
    options.connector = internet.connector();
    options.resolver = internet.resolver();
  }

  void publish(const std::string& kid, const SigningKey& which) {
    Json jwk = which.public_jwk();
    jwk["kid"] = kid;
    key_set["keys"].push_back(jwk);
  }

  Json claims() const {
    return {{"iss", issuer},      {"aud", resource},      {"sub", "ann"},
            {"client_id", "app"}, {"scope", "read list"}, {"exp", start + 3600}};
  }
  std::string token(const Json& with, const std::string& kid = "one") const {
    return sign_token(key, {{"typ", "at+jwt"}, {"kid", kid}}, with);
  }

  RequestVerifier::Verdict verdict(const mcp::HttpHeaders& headers) {
    if (!verifier) verifier = make_bearer_verifier(runtime, options);
    std::optional<RequestVerifier::Verdict> out;
    verifier->verify({"POST", "/mcp", headers},
                     [&](RequestVerifier::Verdict verdict) { out = std::move(verdict); });
    runtime.run();
    REQUIRE(out);
    return *out;
  }
  Principal admitted(const std::string& text) {
    auto out = verdict({{"authorization", "Bearer " + text}});
    if (const auto* challenge = std::get_if<Challenge>(&out)) FAIL(challenge->message);
    return std::get<Principal>(out);
  }
  Challenge refused(const std::string& text) { return refused_headers("Bearer " + text); }
  Challenge refused_headers(const std::string& authorization) {
    const auto out = verdict({{"authorization", authorization}});
    REQUIRE(std::holds_alternative<Challenge>(out));
    return std::get<Challenge>(out);
  }

  mcp::ManualRuntime runtime;
  test::FakeInternet internet;
  SigningKey key = SigningKey::generate(Algorithm::es256);
  Json key_set = {{"keys", Json::array()}};
  bool down = false;
  int key_fetches = 0;
  int introspections = 0;
  test::HttpRequest introspection_request;
  Json introspection_answer = Json::object();
  BearerVerifierOptions options;
  std::shared_ptr<RequestVerifier> verifier;
};

std::string authenticate(const Challenge& challenge) {
  const std::string* value = mcp::find_header(challenge.headers, "WWW-Authenticate");
  return value == nullptr ? "" : *value;
}

}  // namespace

TEST_CASE("A token of the issuer for this server lets its bearer in") {
  World world;
  const Principal ann = world.admitted(world.token(world.claims()));
  CHECK(ann.id == "https://login.example ann");
  CHECK(ann.subject == "ann");
  CHECK(ann.client_id == "app");
  CHECK(ann.scopes == std::vector<std::string>{"read", "list"});
  // an array of scopes, an array of audiences, a client without a user
  Json other = world.claims();
  other["scp"] = {"read", "write"};
  other.erase("scope");
  other.erase("sub");
  other["aud"] = {"https://x.example", resource};
  const Principal app = world.admitted(world.token(other));
  CHECK(app.id == "https://login.example app");
  CHECK(app.scopes == std::vector<std::string>{"read", "write"});
  CHECK(world.key_fetches == 1);
}

TEST_CASE("Without a token the challenge says where and what to ask for") {
  World world;
  world.options.scopes_supported = {"read", "list"};
  const auto out = world.verdict({});
  const auto& challenge = std::get<Challenge>(out);
  CHECK(challenge.status == 401);
  CHECK(authenticate(challenge) ==
        "Bearer resource_metadata=\"https://mcp.example/.well-known/oauth-protected-resource/mcp\","
        " scope=\"read list\"");
  CHECK(world.refused_headers("Basic YTpi").status == 401);
  CHECK(world.refused_headers("Bearer").status == 401);
  CHECK(world.refused_headers("Bearer a b").status == 400);
  CHECK(world.refused_headers("Bearer   ").status == 400);
  CHECK(world.refused_headers("Bearer " + std::string(17000, 'a')).status == 400);
  const auto twice = world.verdict({{"authorization", "Bearer a"}, {"authorization", "Bearer b"}});
  CHECK(std::get<Challenge>(twice).status == 400);
  CHECK(world.internet.called.empty());
}

TEST_CASE("The metadata document is served at its well-known places") {
  World world;
  world.options.scopes_supported = {"read"};
  world.options.resource_name = "Weather";
  const auto documents = make_bearer_verifier(world.runtime, world.options)->documents();
  REQUIRE(documents.size() == 2);
  CHECK(documents[0].first == "/.well-known/oauth-protected-resource/mcp");
  CHECK(documents[1].first == "/.well-known/oauth-protected-resource");
  CHECK(Json::parse(documents[0].second) == Json{{"resource", resource},
                                                 {"authorization_servers", {issuer}},
                                                 {"scopes_supported", {"read"}},
                                                 {"resource_name", "Weather"},
                                                 {"bearer_methods_supported", {"header"}}});
}

TEST_CASE("Tokens that are not for this server, or not any more, are refused") {
  World world;
  const auto message = [&](const char* name, const Json& value) {
    Json claims = world.claims();
    claims[name] = value;
    const Challenge challenge = world.refused(world.token(claims));
    CHECK(challenge.status == 401);
    CHECK(
        authenticate(challenge).starts_with("Bearer error=\"invalid_token\", error_description="));
    return challenge.message;
  };
  CHECK(message("aud", "https://other.example") ==
        "the token was issued for another audience than https://mcp.example/mcp");
  CHECK(message("aud", "https://mcp.example") ==
        "the token was issued for another audience than https://mcp.example/mcp");
  CHECK(message("iss", "https://evil.example") ==
        "the token's issuer is not one that this server trusts");
  CHECK(message("exp", start - 3600) == "the token has expired");
  CHECK(message("nbf", start + 3600) == "the token is not valid yet");
  CHECK(message("cnf", {{"jkt", "x"}}) ==
        "the token is bound to a key, and this server checks no proofs");
  CHECK(world.key_fetches == 0);
}

TEST_CASE("Forged signatures are refused") {
  World world;
  const std::string wrong = "the token's signature is not of a key of its issuer";
  const auto stranger = SigningKey::generate(Algorithm::es256);
  CHECK(world.refused(sign_token(stranger, {{"kid", "one"}}, world.claims())).message == wrong);
  CHECK(world.refused(sign_token(stranger, Json::object(), world.claims())).message == wrong);
  // a key that the token brings along
  CHECK(world.refused(sign_token(stranger, {{"jwk", stranger.public_jwk()}}, world.claims()))
            .message == wrong);
  CHECK(world.refused(sign_token(stranger, {{"jku", "https://evil.example/keys"}}, world.claims()))
            .message == wrong);
  const auto part = [](const Json& json) { return mcp::base64url_encode(json.dump()); };
  CHECK(world.refused(part({{"alg", "none"}}) + "." + part(world.claims()) + ".").status == 401);
  CHECK(world.refused("x.y.z").status == 401);
  CHECK(world.refused("opaque").message == "the token is of no kind that this server accepts");
  for (const std::string& url : world.internet.called) CHECK(url.find("evil") == std::string::npos);
}

TEST_CASE("A new key is fetched when a token names it, but not at everybody's bidding") {
  World world;
  world.admitted(world.token(world.claims()));
  CHECK(world.key_fetches == 1);
  // rotation within the first half minute: too soon to fetch again
  const auto second = SigningKey::generate(Algorithm::rs256);
  world.publish("two", second);
  const std::string rotated = sign_token(second, {{"kid", "two"}}, world.claims());
  world.refused(rotated);
  CHECK(world.key_fetches == 1);
  world.runtime.advance(std::chrono::seconds(31));
  world.admitted(rotated);
  CHECK(world.key_fetches == 2);
  // a thousand unknown key ids: at most one fetch
  for (int i = 0; i < 1000; ++i) world.refused(world.token(world.claims(), std::to_string(i)));
  world.runtime.advance(std::chrono::seconds(31));
  for (int i = 0; i < 1000; ++i) world.refused("e30." + std::to_string(i) + ".e30");
  for (int i = 0; i < 100; ++i)
    world.refused(sign_token(second, {{"kid", std::to_string(i)}},
                             {{"iss", issuer}, {"aud", resource}, {"exp", start + i}}));
  CHECK(world.key_fetches <= 3);
}

TEST_CASE("While the issuer is down known keys still serve, and unknown tokens get a 503") {
  World world;
  world.down = true;
  const Challenge challenge = world.refused(world.token(world.claims()));
  CHECK(challenge.status == 503);
  CHECK(*mcp::find_header(challenge.headers, "Retry-After") == "5");
  CHECK(challenge.message == "the token can't be checked now");
  world.down = false;
  world.runtime.advance(std::chrono::seconds(31));
  world.admitted(world.token(world.claims()));
  world.down = true;
  world.runtime.advance(std::chrono::hours(1));
  Json later = world.claims();
  later["exp"] = start + 100'000'000;
  world.admitted(world.token(later));
  world.runtime.advance(std::chrono::hours(48));
  CHECK(world.refused(world.token(later)).status == 503);
}

TEST_CASE("What was verified is remembered, but not past its end") {
  World world;
  Json claims = world.claims();
  claims["exp"] = start + 10;
  const std::string token = world.token(claims);
  world.admitted(token);
  world.runtime.advance(std::chrono::seconds(69));
  world.admitted(token);
  world.runtime.advance(std::chrono::seconds(1));
  CHECK(world.refused(token).message == "the token has expired");
}

TEST_CASE("Opaque tokens are introspected, and the answer is believed for a while") {
  World world;
  world.options.introspection =
      IntrospectionOptions{issuer + "/introspect", "this server", "s3cret"};
  world.introspection_answer = world.claims();
  world.introspection_answer["active"] = true;
  CHECK(world.admitted("opaque-1").id == "https://login.example ann");
  CHECK(world.admitted("opaque-1").scopes == std::vector<std::string>{"read", "list"});
  CHECK(world.introspections == 1);
  CHECK(world.introspection_request.body == "token=opaque-1&token_type_hint=access_token");
  CHECK(test::sent_header(world.introspection_request, "Authorization") ==
        "Basic " + mcp::base64_encode(std::string_view("this%20server:s3cret")));
  world.introspection_answer = {{"active", false}};
  world.admitted("opaque-1");
  world.runtime.advance(std::chrono::seconds(31));
  CHECK(world.refused("opaque-1").message == "the token is not active");
  // for another server
  world.introspection_answer = world.claims();
  world.introspection_answer["active"] = true;
  world.introspection_answer["aud"] = "https://other.example";
  CHECK(world.refused("opaque-2").status == 401);
  world.introspection_answer.erase("aud");
  CHECK(world.refused("opaque-3").status == 401);
  world.introspection_answer = {{"active", "true"}};
  CHECK(world.refused("opaque-4").message == "the token is not active");
  world.down = true;
  const Challenge down = world.refused("opaque-5");
  CHECK(down.status == 503);
  CHECK(down.message.find("10.0.0.5") == std::string::npos);
}

TEST_CASE("Known tokens need no authorization server") {
  World world;
  world.options.authorization_servers.clear();
  world.options.static_tokens = {{"for-tests", Principal{"test", "test", "", {"read"}}}};
  CHECK(world.admitted("for-tests").id == "test");
  CHECK(world.refused("for-test").status == 401);
  CHECK(world.internet.called.empty());
}

TEST_CASE("Scopes: what every request needs, and what one tool needs") {
  World world;
  world.options.required_scopes = {"read"};
  world.options.scope_rules = {{"tools/call", "delete_file", {"files:write", "files:delete"}},
                               {"tools/call", "", {"call"}},
                               {"resources/read", "", {"read"}}};
  world.options.implies = [](const std::string& granted, const std::string& needed) {
    return granted == "admin" || (granted == "files:*" && needed.starts_with("files:"));
  };
  Json none = world.claims();
  none["scope"] = "list";
  const Challenge first = world.refused(world.token(none));
  CHECK(first.status == 403);
  CHECK(
      authenticate(first) ==
      "Bearer error=\"insufficient_scope\", error_description=\"the token lacks a scope of: "
      "read\", resource_metadata=\"https://mcp.example/.well-known/oauth-protected-resource/mcp\","
      " scope=\"read\"");

  const Principal ann = world.admitted(world.token(world.claims()));
  const auto& verifier = *world.verifier;
  CHECK_FALSE(verifier.authorize(ann, "tools/list", ""));
  CHECK_FALSE(verifier.authorize(ann, "resources/read", "file:///a"));
  const auto challenge = verifier.authorize(ann, "tools/call", "delete_file");
  REQUIRE(challenge);
  CHECK(challenge->status == 403);
  CHECK(authenticate(*challenge).ends_with(" scope=\"files:write files:delete call\""));
  const auto with = [](std::vector<std::string> scopes) {
    return Principal{"x", "x", "", std::move(scopes)};
  };
  CHECK_FALSE(verifier.authorize(with({"files:*", "call"}), "tools/call", "delete_file"));
  CHECK_FALSE(verifier.authorize(with({"admin"}), "tools/call", "delete_file"));
  CHECK(verifier.authorize(with({"files:*"}), "tools/call", "delete_file"));
}

TEST_CASE("The same token in many requests at once is checked once") {
  World world;
  world.options.introspection = IntrospectionOptions{issuer + "/introspect", "s", "s"};
  world.introspection_answer = world.claims();
  world.introspection_answer["active"] = true;
  auto verifier = make_bearer_verifier(world.runtime, world.options);
  int admitted = 0;
  for (int i = 0; i < 100; ++i)
    verifier->verify({"POST", "/mcp", {{"authorization", "Bearer opaque"}}},
                     [&](const RequestVerifier::Verdict& verdict) {
                       admitted += std::holds_alternative<Principal>(verdict) ? 1 : 0;
                     });
  world.runtime.run();
  CHECK(admitted == 100);
  CHECK(world.introspections == 1);
}

TEST_CASE("When no worker is free the token is not checked, and that is said") {
  World world;
  mcp::ManualRuntime full({.queue_limit = 0});
  auto verifier = make_bearer_verifier(full, world.options);
  int status = 0;
  verifier->verify({"POST", "/mcp", {{"authorization", "Bearer " + world.token(world.claims())}}},
                   [&](const RequestVerifier::Verdict& verdict) {
                     status = std::get<Challenge>(verdict).status;
                   });
  CHECK(status == 503);
}

TEST_CASE("Options that can't work are refused at once") {
  mcp::ManualRuntime runtime;
  CHECK_THROWS_AS(make_bearer_verifier(runtime, {.resource = "mcp"}), std::invalid_argument);
  CHECK_THROWS_AS(make_bearer_verifier(runtime, {.resource = resource}), std::invalid_argument);
}
