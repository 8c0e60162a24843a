#pragma once

#include <optional>
#include <string>
#include <vector>

#include <mcp/auth/discovery.h>
#include <mcp/auth/oauth.h>
#include <mcp/auth/session_record.h>

namespace mcp::auth {

/// What a refused request asks for.
struct FlowNeeds {
  std::optional<std::string> resource_metadata;    ///< from the challenge
  std::optional<std::vector<std::string>> scopes;  ///< from the challenge
  bool dpop = false;                               ///< the challenge wants proofs of possession
  std::optional<SessionRecord> session = {};       ///< what was sent, if anything
  bool may_refresh = true;                         ///< the session's token was not just refreshed
  bool step_up = false;                            ///< the token is good, its scopes are not enough
};

struct FlowResult {
  SessionRecord session;
  bool refreshed = false;  ///< without a new authorization
};

/// Gets a token for the MCP server at `server_url`: discovery, registration, grant. Blocks, perhaps
/// for minutes while a user authorizes.
/// Throws AuthError.
FlowResult run_flow(const std::string& server_url, const OAuthOptions& options, TokenStore& store,
                    Environment& environment, std::stop_token stop, const FlowNeeds& needs);

}  // namespace mcp::auth
