#pragma once

#include <stop_token>

#include <client/cli/probe_lint.h>
#include <client/cli/probe_report.h>
#include <client/config/mcp_servers.h>
#include <mcp/base/runtime.h>

namespace fairlead::agent {

/// Connects as a host does, and tells how long that took, what the server is, and what was wrong
/// meanwhile; a start that takes longer than `slow` too. Gives its lists.
/// \throws ServerFailed
ServerLists meet_server(mcp::Runtime& runtime, const ServerEntry& server, mcp::Duration timeout,
                        mcp::Duration slow, const std::stop_token& stop, ProbeReport& report);

/// Connects once more for each revision, newest first.
void try_revisions(mcp::Runtime& runtime, const ServerEntry& server, mcp::Duration timeout,
                   const std::stop_token& stop, ProbeReport& report);

}  // namespace fairlead::agent
