#pragma once

#include <string>

#include <mcp/auth/oauth.h>
#include <mcp/auth/session_record.h>

namespace mcp::auth {

/// Registers a new client (RFC 7591). Blocking.
/// Throws AuthError which tells what the server said, when it refuses.
RegistrationRecord register_client(Fetcher& fetcher, const ServerMetadata& server,
                                   const AuthorizationCodeGrant& grant,
                                   const std::string& redirect_uri, bool dpop);

}  // namespace mcp::auth
