#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace mcp::auth {

/// The signature algorithms (RFC 7518, RFC 8037). None is symmetric, and `none` is not among them.
enum class Algorithm { rs256, es256, eddsa };

/// As JWS headers spell it: "RS256", "ES256", "EdDSA".
std::string_view name_of(Algorithm algorithm);

/// An asymmetric key: RSA of 2048 to 8192 bits, P-256 or Ed25519. The kind of key fixes the
/// algorithm, so that no token can choose another one for it. Immutable, cheap to copy,
/// thread-safe. A private key is never written into an error or a log.
class SigningKey {
 public:
  /// A new private key (RSA: 2048 bits).
  static SigningKey generate(Algorithm algorithm);
  /// PEM: a private key (PKCS#8, or the older forms without a passphrase) or a public one.
  /// Throws AuthError.
  static SigningKey from_pem(std::string_view pem);
  /// A JSON Web Key (RFC 7517), private when it has "d" (P-256 and Ed25519 only).
  /// Throws AuthError; for symmetric keys and curves that are not supported, too.
  static SigningKey from_jwk(const nlohmann::json& jwk);

  Algorithm algorithm() const noexcept;
  bool is_private() const noexcept;
  /// The required public members, nothing else.
  nlohmann::json public_jwk() const;
  /// base64url of the SHA-256 of `public_jwk` (RFC 7638).
  std::string thumbprint() const;
  /// The private key as PEM (PKCS#8). Throws AuthError when it is a public key.
  std::string private_pem() const;

  /// The signature as JWS wants it: for ES256 both numbers in 64 bytes (RFC 7518 section 3.4).
  /// Throws AuthError when it is a public key.
  std::string sign(std::string_view bytes) const;
  bool verify(std::string_view bytes, std::string_view signature) const;

 private:
  struct State;
  explicit SigningKey(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

}  // namespace mcp::auth
