#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <mcp/jsonrpc/message.h>
#include <mcp/server/snapshot.h>
#include <mcp/transport/http_headers.h>

namespace mcp::server {

/// Why the headers of a request of the stateless era do not repeat its body as they must
/// (2026-07-28, streamable HTTP, "Server Validation"); empty when they do.
std::string routing_problem(const HttpHeaders& headers, const jsonrpc::Request& request,
                            const Snapshot& snapshot);

}  // namespace mcp::server
