#include <algorithm>
#include <cmath>

#include <mcp/auth/auth_error.h>
#include <mcp/auth/document.h>
#include <mcp/auth/json_web_token.h>
#include <mcp/base/base64.h>

namespace mcp::auth {
namespace {

constexpr std::size_t max_token_bytes = 16 * 1024;
constexpr std::size_t max_keys = 100;

std::string decode_part(std::string_view part, const char* what) {
  const auto bytes = base64url_decode(part);
  if (!bytes) throw AuthError("a token's " + std::string(what) + " is not base64url");
  return {bytes->begin(), bytes->end()};
}

/// Seconds since 1970; nothing when the member is no number that can be a time.
std::optional<double> time_claim(const Json& claims, const char* name) {
  const auto found = claims.find(name);
  if (found == claims.end() || !found->is_number()) return std::nullopt;
  const double seconds = found->get<double>();
  if (!std::isfinite(seconds)) return std::nullopt;
  return seconds;
}

bool names_audience(const Json& claims, const std::string& audience) {
  const auto found = claims.find("aud");
  if (found == claims.end()) return false;
  if (found->is_string()) return *found == audience;
  return found->is_array() && std::find(found->begin(), found->end(), audience) != found->end();
}

}  // namespace

std::string sign_token(const SigningKey& key, Json header, const Json& claims) {
  header["alg"] = name_of(key.algorithm());
  std::string text = base64url_encode(header.dump()) + "." + base64url_encode(claims.dump());
  text += "." + base64url_encode(key.sign(text));
  return text;
}

UnverifiedToken parse_token(std::string_view text) {
  if (text.size() > max_token_bytes) throw AuthError("a token is larger than 16 KiB");
  const std::size_t first = text.find('.');
  const std::size_t second = first == text.npos ? text.npos : text.find('.', first + 1);
  if (second == text.npos || text.find('.', second + 1) != text.npos)
    throw AuthError("a token does not have the three parts of a JWS");
  UnverifiedToken token;
  token.header = parse_document(decode_part(text.substr(0, first), "header"), "a token's header",
                                max_token_bytes);
  token.claims = parse_document(decode_part(text.substr(first + 1, second - first - 1), "payload"),
                                "a token's payload", max_token_bytes);
  token.signature = decode_part(text.substr(second + 1), "signature");
  token.signed_part = text.substr(0, second);
  if (token.header.contains("crit") || token.header.contains("b64"))
    throw AuthError("a token demands extensions (\"crit\") that are not understood");
  const std::string algorithm = required_text(token.header, "alg", "a token's header");
  if (algorithm != "RS256" && algorithm != "ES256" && algorithm != "EdDSA")
    throw AuthError("a token's algorithm must be RS256, ES256 or EdDSA, not " +
                    printable(algorithm, 20));
  return token;
}

bool is_signed_by(const UnverifiedToken& token, const SigningKey& key) {
  const auto named = token.header.find("alg");
  return named != token.header.end() && *named == name_of(key.algorithm()) &&
         key.verify(token.signed_part, token.signature);
}

std::optional<std::string> check_claims(const Json& claims, const ClaimRules& rules) {
  const auto issuer = claims.find("iss");
  if (issuer == claims.end() ||
      std::none_of(rules.issuers.begin(), rules.issuers.end(),
                   [&](const std::string& trusted) { return *issuer == trusted; }))
    return "the token's issuer is not one that this server trusts";
  if (!names_audience(claims, rules.audience))
    return "the token was issued for another audience than " + rules.audience;
  const double now = std::chrono::duration<double>(rules.now.time_since_epoch()).count();
  const double leeway = static_cast<double>(rules.leeway.count());
  const auto expires = time_claim(claims, "exp");
  if (!expires) return "the token does not say when it expires";
  if (now >= *expires + leeway) return "the token has expired";
  for (const char* name : {"nbf", "iat"}) {
    if (!claims.contains(name)) continue;
    const auto begins = time_claim(claims, name);
    if (!begins) return "the token's \"" + std::string(name) + "\" is no time";
    if (now < *begins - leeway) return "the token is not valid yet";
  }
  return std::nullopt;
}

KeySet::KeySet(const Json& document) {
  const auto keys = document.find("keys");
  if (keys == document.end() || !keys->is_array())
    throw AuthError("a key set has no array \"keys\"");
  if (keys->size() > max_keys) throw AuthError("a key set has more than 100 keys");
  for (const Json& jwk : *keys) {
    try {
      if (!jwk.is_object() || text_member(jwk, "use", "a key").value_or("sig") != "sig") continue;
      keys_.push_back({text_member(jwk, "kid", "a key").value_or(""),
                       text_member(jwk, "alg", "a key").value_or(""), SigningKey::from_jwk(jwk)});
    } catch (const AuthError&) {
      // Sets hold keys for others, too: one that can't be used here is no reason to refuse the set.
    }
  }
}

const SigningKey* KeySet::signer_of(const UnverifiedToken& token) const {
  const auto named = token.header.find("kid");
  const std::string kid =
      named != token.header.end() && named->is_string() ? named->get<std::string>() : "";
  for (const Entry& entry : keys_) {
    if (!kid.empty() && !entry.kid.empty() && entry.kid != kid) continue;
    if (!entry.alg.empty() && entry.alg != name_of(entry.key.algorithm())) continue;
    if (is_signed_by(token, entry.key)) return &entry.key;
  }
  return nullptr;
}

bool KeySet::has(std::string_view kid) const {
  return std::any_of(keys_.begin(), keys_.end(),
                     [&](const Entry& entry) { return entry.kid == kid; });
}

}  // namespace mcp::auth
