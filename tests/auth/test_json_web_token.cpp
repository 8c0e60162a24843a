#include <string>

#include <doctest/doctest.h>

#include <mcp/auth/auth_error.h>
#include <mcp/auth/json_web_token.h>
#include <mcp/base/base64.h>

using mcp::Json;
using namespace mcp::auth;

namespace {

std::string decoded(std::string_view text) {
  const auto bytes = mcp::base64url_decode(text);
  REQUIRE(bytes);
  return {bytes->begin(), bytes->end()};
}

std::string part(const Json& json) {
  return mcp::base64url_encode(json.dump());
}

bool verifies(const SigningKey& key, const std::string& token) {
  try {
    return is_signed_by(parse_token(token), key);
  } catch (const AuthError&) {
    return false;
  }
}

const Json rfc7515_key = {{"kty", "EC"},
                          {"crv", "P-256"},
                          {"x", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"},
                          {"y", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},
                          {"d", "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}};
const std::string rfc7515_token =
    "eyJhbGciOiJFUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlf"
    "Q."
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

}  // namespace

TEST_CASE("The token of RFC 7515 appendix A.3 verifies with its key") {
  const auto key = SigningKey::from_jwk(rfc7515_key);
  CHECK(key.algorithm() == Algorithm::es256);
  CHECK(key.is_private());
  const auto token = parse_token(rfc7515_token);
  CHECK(is_signed_by(token, key));
  CHECK(token.claims.at("iss") == "joe");
  CHECK_FALSE(key.public_jwk().contains("d"));
  CHECK(key.public_jwk().at("x") == "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
}

TEST_CASE("Key, signature and thumbprint of RFC 8037 appendix A") {
  const auto key = SigningKey::from_jwk({{"kty", "OKP"},
                                         {"crv", "Ed25519"},
                                         {"d", "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"},
                                         {"x", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}});
  const std::string input = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
  const std::string signature =
      "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
  CHECK(mcp::base64url_encode(key.sign(input)) == signature);
  CHECK(key.verify(input, decoded(signature)));
  CHECK_FALSE(key.verify(input + "x", decoded(signature)));
  CHECK(key.thumbprint() == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

TEST_CASE("The thumbprint of the RSA key of RFC 7638") {
  const auto key = SigningKey::from_jwk(
      {{"kty", "RSA"},
       {"n",
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJE"
        "CPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2Q"
        "vzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6"
        "WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"},
       {"e", "AQAB"},
       {"alg", "RS256"},
       {"kid", "2011-04-29"}});
  CHECK(key.thumbprint() == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
  CHECK_FALSE(key.is_private());
}

TEST_CASE("What one key signs only that key verifies, for every algorithm") {
  for (const Algorithm algorithm : {Algorithm::rs256, Algorithm::es256, Algorithm::eddsa}) {
    CAPTURE(name_of(algorithm));
    const auto key = SigningKey::generate(algorithm);
    const auto again = SigningKey::from_pem(key.private_pem());
    const auto shown = SigningKey::from_jwk(key.public_jwk());
    const std::string token = sign_token(key, {{"typ", "JWT"}}, {{"sub", "ann"}});
    CHECK(parse_token(token).header ==
          Json{{"alg", std::string(name_of(algorithm))}, {"typ", "JWT"}});
    CHECK(verifies(shown, token));
    CHECK(verifies(shown, sign_token(again, {}, {{"sub", "ann"}})));
    CHECK_FALSE(verifies(SigningKey::generate(algorithm), token));
    CHECK_FALSE(shown.is_private());
    CHECK_THROWS_AS(sign_token(shown, {}, {}), AuthError);
    CHECK_THROWS_AS(shown.private_pem(), AuthError);

    std::string changed = token;
    changed[changed.find('.') + 5] = changed[changed.find('.') + 5] == 'A' ? 'B' : 'A';
    CHECK_FALSE(verifies(shown, changed));
  }
}

TEST_CASE("A token that chooses its own algorithm is refused") {
  const auto key = SigningKey::from_jwk(rfc7515_key);
  const Json claims = {{"sub", "mallory"}};
  // alg none, in every spelling
  for (const char* none : {"none", "None", "NONE", ""})
    CHECK_THROWS_AS(parse_token(part({{"alg", none}}) + "." + part(claims) + "."), AuthError);
  // a symmetric signature made with the public key as the secret
  CHECK_THROWS_WITH(parse_token(part({{"alg", "HS256"}}) + "." + part(claims) + ".AAAA"),
                    "a token's algorithm must be RS256, ES256 or EdDSA, not HS256");
  // the signature is good, the name is another one's
  const std::string input = part({{"alg", "EdDSA"}}) + "." + part(claims);
  CHECK_FALSE(verifies(key, input + "." + mcp::base64url_encode(key.sign(input))));
  // both numbers of an ES256 signature zero (CVE-2022-21449)
  const std::string zero = part({{"alg", "ES256"}}) + "." + part(claims);
  CHECK_FALSE(verifies(key, zero + "." + mcp::base64url_encode(std::string(64, '\0'))));
  // DER instead of the two numbers
  CHECK_FALSE(key.verify("x", std::string(70, '0')));
}

TEST_CASE("Malformed tokens are refused with a reason and never quoted") {
  const auto refusal = [](const std::string& token) -> std::string {
    try {
      parse_token(token);
      return "accepted";
    } catch (const AuthError& error) {
      return error.what();
    }
  };
  const std::string header = part({{"alg", "ES256"}});
  CHECK(refusal("") == "a token does not have the three parts of a JWS");
  CHECK(refusal("a.b.c.d") == "a token does not have the three parts of a JWS");
  CHECK(refusal("a!.b.c") == "a token's header is not base64url");
  CHECK(refusal(mcp::base64url_encode(std::string_view("[]")) + ".e30.AA") ==
        "a token's header is no JSON object");
  CHECK(refusal(header + "." + mcp::base64url_encode(std::string_view(R"({"a":1,"a":2})")) +
                ".AA") == "a token's payload names a member twice");
  CHECK(refusal(part({{"alg", "ES256"}, {"crit", {"exp"}}}) + ".e30.AA") ==
        "a token demands extensions (\"crit\") that are not understood");
  CHECK(refusal(part({{"alg", 5}}) + ".e30.AA") ==
        "a token's header has a \"alg\" that is no text");
  CHECK(refusal(std::string(17000, 'a')) == "a token is larger than 16 KiB");
  const std::string deep = std::string(60, '[') + std::string(60, ']');
  CHECK(refusal(header + "." + mcp::base64url_encode("{\"a\":" + deep + "}") + ".AA") ==
        "a token's payload is no JSON document that can be accepted");
}

TEST_CASE("Keys that can't be trusted are refused") {
  CHECK_THROWS_WITH_AS(SigningKey::from_jwk({{"kty", "oct"}, {"k", "c2VjcmV0"}}),
                       "a JSON Web Key must be RSA, EC with P-256 or OKP with Ed25519", AuthError);
  CHECK_THROWS_AS(SigningKey::from_jwk({{"kty", "EC"}, {"crv", "P-384"}}), AuthError);
  CHECK_THROWS_AS(SigningKey::from_jwk(nullptr), AuthError);
  Json off_curve = rfc7515_key;
  off_curve.erase("d");
  off_curve["y"] = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a1";
  CHECK_THROWS_AS(SigningKey::from_jwk(off_curve), AuthError);
  // 512 bits
  CHECK_THROWS_WITH_AS(
      SigningKey::from_jwk(
          {{"kty", "RSA"}, {"n", mcp::base64url_encode(std::string(64, '\xC1'))}, {"e", "AQAB"}}),
      "an RSA key must have 2048 to 8192 bits, this one has 512", AuthError);
  CHECK_THROWS_AS(
      SigningKey::from_jwk(
          {{"kty", "RSA"}, {"n", mcp::base64url_encode(std::string(4096, '\xC1'))}, {"e", "AQAB"}}),
      AuthError);
  CHECK_THROWS_AS(SigningKey::from_pem("-----BEGIN PRIVATE KEY-----\nAAAA\n"), AuthError);
}

TEST_CASE("A key set gives the key that signed, by its id") {
  const auto first = SigningKey::generate(Algorithm::es256);
  const auto second = SigningKey::generate(Algorithm::es256);
  const auto jwk = [](const SigningKey& key, const char* kid) {
    Json out = key.public_jwk();
    out["kid"] = kid;
    return out;
  };
  Json encryption = jwk(first, "enc");
  encryption["use"] = "enc";
  const KeySet keys(Json{{"keys",
                          {jwk(first, "one"),
                           jwk(second, "two"),
                           encryption,
                           {{"kty", "oct"}, {"k", "AAAA"}, {"kid", "hmac"}},
                           "nonsense"}}});
  CHECK(keys.has("one"));
  CHECK_FALSE(keys.has("enc"));
  CHECK_FALSE(keys.has("hmac"));
  const auto signer = [&](const SigningKey& key, const Json& header) {
    const std::string text = sign_token(key, header, {{"sub", "ann"}});
    return keys.signer_of(parse_token(text)) != nullptr;
  };
  CHECK(signer(first, {{"kid", "one"}}));
  CHECK(signer(second, Json::object()));
  CHECK_FALSE(signer(first, {{"kid", "two"}}));
  CHECK_FALSE(signer(SigningKey::generate(Algorithm::es256), Json::object()));
  CHECK_THROWS_AS(KeySet{Json::object()}, AuthError);
  CHECK_THROWS_AS(KeySet(Json{{"keys", std::vector<Json>(101, Json::object())}}), AuthError);
}

TEST_CASE("Claims are checked for issuer, audience and time") {
  const ClaimRules rules{.issuers = {"https://login.example"},
                         .audience = "https://mcp.example/mcp",
                         .now = std::chrono::system_clock::time_point(std::chrono::seconds(1000))};
  const Json good = {
      {"iss", "https://login.example"}, {"aud", "https://mcp.example/mcp"}, {"exp", 1100}};
  const auto with = [&](const char* name, const Json& value) {
    Json claims = good;
    claims[name] = value;
    return check_claims(claims, rules).value_or("good");
  };
  CHECK(check_claims(good, rules) == std::nullopt);
  CHECK(with("aud", {"https://other.example", "https://mcp.example/mcp"}) == "good");
  CHECK(with("aud", "https://mcp.example/mcp/") ==
        "the token was issued for another audience than https://mcp.example/mcp");
  CHECK(with("aud", nullptr).starts_with("the token was issued for another audience"));
  CHECK(with("iss", "https://login.example/") ==
        "the token's issuer is not one that this server trusts");
  CHECK(with("iss", 5) == "the token's issuer is not one that this server trusts");
  // a minute of leeway on both sides
  CHECK(with("exp", 941) == "good");
  CHECK(with("exp", 940) == "the token has expired");
  CHECK(with("exp", "tomorrow") == "the token does not say when it expires");
  CHECK(with("nbf", 1060) == "good");
  CHECK(with("nbf", 1061) == "the token is not valid yet");
  CHECK(with("iat", 1061) == "the token is not valid yet");
  CHECK(with("nbf", "soon") == "the token's \"nbf\" is no time");
}
