#pragma once

#include <stop_token>

#include <client/cli/probe_report.h>
#include <client/config/mcp_servers.h>
#include <mcp/protocol/revision.h>
#include <mcp/transport/http_headers.h>

namespace fairlead::agent {

/// Tells the transports that a server at a URL has, and what it does about headers that no client
/// of its own sends.
void check_http(const ServerEntry& server, mcp::Revision revision, const mcp::HttpHeaders& headers,
                const std::stop_token& stop, ProbeReport& report);

}  // namespace fairlead::agent
