#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <mcp/auth/connector.h>
#include <mcp/base/runtime.h>
#include <mcp/transport/request_verifier.h>

namespace mcp::auth {

/// Asks the authorization server about each token (RFC 7662).
struct IntrospectionOptions {
  std::string endpoint = {};
  std::string client_id = {};  ///< of this server, for HTTP Basic
  std::string client_secret = {};
  /// How long an answer is believed: a token that is revoked meanwhile still works for so long.
  std::chrono::seconds cache_for{30};
};

/// What a request needs besides `required_scopes`.
struct ScopeRule {
  std::string method = "tools/call";
  std::string name = {};  ///< the tool's or prompt's name, the resource's URI; empty: every one
  std::vector<std::string> scopes = {};
};

struct BearerVerifierOptions {
  /// The MCP endpoint as clients call it, `https://mcp.example.com/mcp`: the audience that every
  /// token must name, byte for byte.
  std::string resource = {};
  /// The issuers whose tokens are accepted.
  std::vector<std::string> authorization_servers = {};
  /// The scopes of basic use, as the metadata tells them.
  std::vector<std::string> scopes_supported = {};
  /// What every request needs.
  std::vector<std::string> required_scopes = {};
  std::vector<ScopeRule> scope_rules = {};
  /// True when a token with `granted` may do what `needed` allows; none: only the same scope.
  std::function<bool(const std::string& granted, const std::string& needed)> implies = {};
  /// What a user reads of this server: `resource_name` and `resource_documentation`.
  std::string resource_name = {};
  std::string documentation_url = {};

  /// The key set for tokens that are JWTs; empty: each issuer's metadata says where it is.
  std::string jwks_url = {};
  /// For tokens that are no JWTs, and without a `jwks_url` for all.
  std::optional<IntrospectionOptions> introspection = {};
  /// Tokens that are simply known, and whose they are: for tests and machines of one's own.
  std::map<std::string, Principal> static_tokens = {};

  /// By which clocks may differ.
  std::chrono::seconds leeway{60};
  outbound::ConnectionRules rules = {};
  /// The network; empty: the real one.
  Connector connector = {};
  Resolver resolver = {};
};

/// Lets requests in that carry a bearer token meant for this server: a JWT signed with RS256, ES256
/// or EdDSA by a key of its issuer, an opaque token that the issuer vouches for, or a known one.
/// Key sets are kept for 10 minutes, fetched again when a token names a new key (at most every
/// 30 s), and used up to a day longer when they can't be fetched. What was verified is remembered
/// for at most 5 minutes. Tokens bound to a key (`cnf`) are refused: no proof is looked at.
///
/// `runtime` must outlive the verifier; checking runs on its workers.
/// Throws std::invalid_argument when the options can't work.
std::shared_ptr<RequestVerifier> make_bearer_verifier(Runtime& runtime,
                                                      BearerVerifierOptions options);

}  // namespace mcp::auth
