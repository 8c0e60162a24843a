#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mcp/auth/signing_key.h>
#include <mcp/base/json.h>

// JSON Web Tokens (RFC 7519) in the compact form of JWS (RFC 7515). All functions are thread-safe.

namespace mcp::auth {

/// Makes a token. `header` gets "alg" from the key; put "typ" and "kid" there.
std::string sign_token(const SigningKey& key, Json header, const Json& claims);

/// A token's parts before its signature has been checked. Nothing in it may be believed.
struct UnverifiedToken {
  Json header;
  Json claims;
  std::string_view signed_part;  ///< points into the text it was parsed from
  std::string signature;
};

/// Takes a token of at most 16 KiB apart. `text` must outlive the result.
/// Throws AuthError for what is no JWS, for "alg" none, and for "crit" and "b64" (RFC 7515 4.1.11:
/// what is critical and not understood is refused).
UnverifiedToken parse_token(std::string_view text);

/// True when `key` made the signature and the header names the key's own algorithm.
bool is_signed_by(const UnverifiedToken& token, const SigningKey& key);

/// What a token's claims must say.
struct ClaimRules {
  std::vector<std::string> issuers;  ///< `iss` must be one of them, byte for byte
  std::string audience;              ///< `aud` must be it or hold it
  std::chrono::system_clock::time_point now;
  std::chrono::seconds leeway{60};  ///< by which clocks may differ
};

/// What is wrong with the claims: `iss`, `aud`, `exp` (required), `nbf`, `iat`; nothing when they
/// are good.
std::optional<std::string> check_claims(const Json& claims, const ClaimRules& rules);

/// A JSON Web Key Set (RFC 7517 section 5), as far as its keys can be used: keys of other kinds,
/// for encryption, or malformed ones are left out. At most 100 keys.
class KeySet {
 public:
  KeySet() = default;
  /// Throws AuthError when `document` is no key set or has too many keys.
  explicit KeySet(const Json& document);

  /// The key that made the token's signature. With a "kid" only keys of that id (or without any)
  /// are tried. nullptr when there is none.
  const SigningKey* signer_of(const UnverifiedToken& token) const;
  /// True when a key has that id.
  bool has(std::string_view kid) const;
  bool empty() const noexcept { return keys_.empty(); }

 private:
  struct Entry {
    std::string kid;
    std::string alg;
    SigningKey key;
  };
  std::vector<Entry> keys_;
};

}  // namespace mcp::auth
