#pragma once

#include <string>
#include <string_view>

#include <mcp/auth/fetcher.h>
#include <mcp/auth/metadata.h>
#include <mcp/base/runtime.h>

namespace mcp::auth {

/// One authorization request, and what its answer is judged by (RFC 6749, 7636, 9207).
struct AuthorizationRequest {
  std::string url;  ///< for the user's browser
  std::string state;
  std::string code_verifier;
  std::string redirect_uri;
  std::string issuer;  ///< recorded before the browser leaves
  bool issuer_promised = false;
};

/// `scope` and `dpop_thumbprint` may be empty.
/// Throws AuthError when the server does not support PKCE with S256, or has no authorization
/// endpoint.
AuthorizationRequest make_authorization_request(
    const ServerMetadata& server, const std::string& client_id, const std::string& redirect_uri,
    const std::string& resource, const std::string& scope, const std::string& dpop_thumbprint,
    Environment& environment);

/// The code in the redirect (a URI or its query).
/// Throws AuthError for another state or issuer (then nothing of the answer is shown), and for an
/// error that the server tells.
std::string code_of_redirect(const AuthorizationRequest& request, std::string_view redirect);

}  // namespace mcp::auth
