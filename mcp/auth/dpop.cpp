#include <algorithm>
#include <chrono>

#include <mcp/auth/dpop.h>
#include <mcp/auth/json_web_token.h>
#include <mcp/auth/metadata.h>
#include <mcp/base/base64.h>
#include <mcp/base/digest.h>
#include <mcp/base/ids.h>

namespace mcp::auth {
namespace {

constexpr std::size_t max_origins = 16;
constexpr std::size_t max_nonce_bytes = 1024;

}  // namespace

DpopProver::DpopProver(SigningKey key, Environment& environment)
    : key_(std::move(key)), environment_(environment) {}

std::string DpopProver::proof(std::string_view method, std::string_view url,
                              const std::optional<std::string>& token) {
  Json claims = {{"jti", random_token(environment_)},
                 {"htm", method},
                 {"htu", url.substr(0, url.find_first_of("?#"))},
                 {"iat", std::chrono::duration_cast<std::chrono::seconds>(
                             environment_.wall_clock().time_since_epoch())
                             .count()}};
  if (token) claims["ath"] = base64url_encode(sha256(*token));
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = nonces_.find(origin_of(url)); found != nonces_.end())
      claims["nonce"] = found->second;
  }
  return sign_token(key_, {{"typ", "dpop+jwt"}, {"jwk", key_.public_jwk()}}, claims);
}

bool DpopProver::learn(std::string_view url, const HttpHeaders& headers) {
  const std::string* nonce = find_header(headers, "dpop-nonce");
  // It goes into JSON: what RFC 9449 section 8.1 allows, and no more than a header may hold.
  const bool usable =
      nonce != nullptr && !nonce->empty() && nonce->size() <= max_nonce_bytes &&
      std::all_of(nonce->begin(), nonce->end(), [](char c) { return c > 0x20 && c < 0x7F; });
  if (!usable) return false;
  const std::lock_guard lock(mutex_);
  const std::string origin = origin_of(url);
  if (!nonces_.contains(origin) && nonces_.size() >= max_origins) nonces_.clear();
  std::string& known = nonces_[origin];
  if (known == *nonce) return false;
  known = *nonce;
  return true;
}

}  // namespace mcp::auth
