#pragma once

#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <mcp/auth/connector.h>
#include <mcp/auth/token_store.h>
#include <mcp/auth/user_agent.h>
#include <mcp/base/runtime.h>
#include <mcp/transport/authorizer.h>

namespace mcp::auth {

/// A client that an authorization server knows already (2026-07-28, client-registration,
/// "Pre-registration").
struct RegisteredClient {
  /// Who issued the id; the credentials are sent to no other issuer. Empty: bound to the issuer
  /// that they are first used with, and an error if the server ever names another one.
  std::string issuer = {};
  std::string client_id = {};
  std::string client_secret = {};    ///< for client_secret_basic and client_secret_post
  std::string private_key_pem = {};  ///< for private_key_jwt; PKCS#8
};

/// A user authorizes in a browser (authorization code with PKCE, S256 always).
struct AuthorizationCodeGrant {
  std::shared_ptr<UserAgent> user_agent = {};  ///< required
  /// The https URL of this client's metadata document, its id where the server supports that.
  std::string client_metadata_url = {};
  // What a dynamic registration tells, where neither that nor a RegisteredClient applies.
  std::string client_name = "Fairlead";
  std::string client_uri = {};
  std::string application_type = "native";
  /// Ask for `offline_access` where the authorization server offers it, to get a refresh token.
  bool offline_access = true;
};

/// The client authorizes itself, with a RegisteredClient's secret or key.
struct ClientCredentialsGrant {};

/// Enterprise-managed authorization: the company's identity provider exchanges the user's ID token
/// for an assertion (ID-JAG, RFC 8693), and a RegisteredClient redeems that (RFC 7523).
struct EnterpriseManagedGrant {
  std::string token_endpoint = {};  ///< of the identity provider
  std::string client_id = {};       ///< of this client at the identity provider
  std::string client_secret = {};
  std::function<std::string()> id_token = {};  ///< the user's; asked once a token, on a worker
};

/// Workload identity federation: a token of the platform is the assertion (RFC 7523).
struct WorkloadIdentityGrant {
  std::function<std::string()> assertion = {};  ///< asked once a token, on a worker
};

using Grant = std::variant<AuthorizationCodeGrant, ClientCredentialsGrant, EnterpriseManagedGrant,
                           WorkloadIdentityGrant>;

struct OAuthOptions {
  Grant grant = {};
  std::vector<RegisteredClient> clients = {};
  /// Asked for besides what the server demands.
  std::vector<std::string> scopes = {};
  /// None: memory.
  std::shared_ptr<TokenStore> store = {};
  /// Proxy and CA, and what may be connected to at most: the URLs that a server names are held to
  /// narrower rules (loopback only from loopback, private addresses only from private ones).
  outbound::ConnectionRules rules = {};
  /// The network; empty: the real one.
  Connector connector = {};
  Resolver resolver = {};
};

/// The OAuth 2.1 client of one MCP server (2026-07-28, basic/authorization; the 2025 revisions and
/// 2025-03-26 likewise). It answers a 401 by finding the authorization server, registering,
/// authorizing or refreshing, and a 403 `insufficient_scope` by a step-up; calls that are refused
/// meanwhile wait for the same attempt. Proofs of possession (DPoP) are sent when the server asks
/// for them. Registrations are kept per issuer, tokens per server; when the server names another
/// issuer, nothing of the first is shown to it. No secret gets into an error.
///
/// `server_url` is the MCP endpoint as the client calls it. `runtime` must outlive the authorizer;
/// blocking work runs on its workers. Destroying the authorizer ends an authorization under way,
/// without waiting for it.
std::shared_ptr<Authorizer> make_oauth_authorizer(Runtime& runtime, const std::string& server_url,
                                                  OAuthOptions options);

}  // namespace mcp::auth
