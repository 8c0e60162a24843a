#pragma once

#include <chrono>
#include <optional>
#include <string>

#include <mcp/auth/auth_error.h>
#include <mcp/auth/dpop.h>
#include <mcp/auth/fetcher.h>
#include <mcp/auth/metadata.h>
#include <mcp/base/json.h>

namespace mcp::auth {

/// How a client shows the token endpoint who it is (RFC 7591's names).
enum class ClientAuthentication { none, secret_basic, secret_post, private_key_jwt };

/// A client as one authorization server knows it.
struct ClientIdentity {
  std::string client_id;
  std::string client_secret;
  std::optional<SigningKey> key;  ///< for private_key_jwt
  ClientAuthentication authentication = ClientAuthentication::none;
};

/// "none", "client_secret_basic", …; nothing for a method that is not supported.
std::optional<ClientAuthentication> parse_client_authentication(std::string_view name);
std::string_view name_of(ClientAuthentication method);
/// The method for a client with this secret or key, by what the server supports
/// (client_secret_basic when it does not say, RFC 8414). Throws AuthError when it supports none
/// that the client can do.
ClientAuthentication choose_authentication(const ServerMetadata& server, bool has_secret,
                                           bool has_key);

/// What the token endpoint granted.
struct TokenGrant {
  std::string access_token;
  std::string refresh_token;      ///< empty when none was given
  std::string issued_token_type;  ///< of a token exchange
  std::string token_type;         ///< in lower case
  std::optional<std::string> scope;
  std::optional<std::chrono::seconds> lifetime;
};

/// The token endpoint refused (RFC 6749 section 5.2).
class TokenRefused : public AuthError {
 public:
  TokenRefused(std::string code, const std::string& message)
      : AuthError(message), code_(std::move(code)) {}
  const std::string& code() const noexcept { return code_; }  ///< "invalid_grant", …

 private:
  std::string code_;
};

/// Asks `endpoint` for a token: `form` without the client, which is added as `identity` says.
/// With `prover` the request proves possession, once more when the server wants a nonce.
/// Throws TokenRefused, AuthError: neither quotes a secret, not even one that the server echoed.
TokenGrant request_token(Fetcher& fetcher, const std::string& endpoint, const std::string& issuer,
                         Form form, const ClientIdentity& identity, DpopProver* prover,
                         Environment& environment);

}  // namespace mcp::auth
