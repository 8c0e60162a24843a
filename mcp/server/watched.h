#pragma once

#include <string>

#include <mcp/server/server.h>

namespace mcp::server {

// What clients watch is held for as long as they like: it is bounded.

/// Throws Error when one URI or task id, found at `path` of the params, is longer than the limit.
void require_watchable(const std::string& uri, const std::string& path, const ServerLimits& limits);
/// What a connection gets that would watch more than the limit.
Error too_many_watched(const std::string& path, const ServerLimits& limits);

}  // namespace mcp::server
