#pragma once

#include <optional>
#include <string>
#include <vector>

#include <mcp/auth/fetcher.h>
#include <mcp/auth/metadata.h>

namespace mcp::auth {

/// Who authorizes for a server.
struct Discovery {
  std::string resource;  ///< what tokens are asked for (RFC 8707), byte for byte
  std::optional<std::vector<std::string>> scopes_supported;  ///< of the resource
  bool dpop_required = false;
  ServerMetadata server;
};

/// Finds the authorization server of the MCP server at `server_url`: by the metadata document that
/// its challenge `announced`, else at the well-known places, else (2025-03-26) the server itself.
/// Of several authorization servers the first that is in `preferred` is taken, else the first.
/// Blocking.
/// Throws AuthError.
Discovery discover(Fetcher& fetcher, const std::string& server_url,
                   const std::optional<std::string>& announced,
                   const std::vector<std::string>& preferred);

/// The metadata of one issuer; nothing when it has none at any of the places.
/// Throws AuthError.
std::optional<ServerMetadata> find_server_metadata(Fetcher& fetcher, const std::string& issuer);

}  // namespace mcp::auth
