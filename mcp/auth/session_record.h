#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <mcp/auth/token_endpoint.h>
#include <mcp/auth/token_store.h>

// What a TokenStore keeps, and under which keys.

namespace mcp::auth {

/// The token for one MCP server, and what is needed to get the next one.
struct SessionRecord {
  std::string issuer;    ///< who gave the token
  std::string resource;  ///< whom it is for
  std::string access_token;
  std::string refresh_token;
  bool dpop = false;          ///< the token is bound to `dpop_key`
  std::string dpop_key = {};  ///< PEM
  /// Everything that was ever asked for, which a step-up must not lose.
  std::vector<std::string> scopes;
};

/// How a client was registered with one issuer.
struct RegistrationRecord {
  ClientIdentity identity;
  std::string redirect_uri;
  std::optional<std::chrono::system_clock::time_point> secret_expires;
};

std::string session_key(const std::string& server_url);

std::optional<SessionRecord> load_session(TokenStore& store, const std::string& server_url);
void save_session(TokenStore& store, const std::string& server_url, const SessionRecord& record);

std::optional<RegistrationRecord> load_registration(TokenStore& store, const std::string& issuer);
void save_registration(TokenStore& store, const std::string& issuer,
                       const RegistrationRecord& record);
void erase_registration(TokenStore& store, const std::string& issuer);

/// The issuer that a client's id, configured without one, was first used with.
std::optional<std::string> load_binding(TokenStore& store, const std::string& server_url,
                                        const std::string& client_id);
void save_binding(TokenStore& store, const std::string& server_url, const std::string& client_id,
                  const std::string& issuer);

}  // namespace mcp::auth
