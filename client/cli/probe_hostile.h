#pragma once

#include <stop_token>

#include <client/cli/probe_report.h>
#include <client/cli/probe_wire.h>

namespace fairlead::agent {

/// Sends what a hostile peer sends, a row at a time, and judges the answers. No tool of the server
/// is called, but for one that says it is read-only (with an argument of the wrong type), if
/// `tools`, the server's list, has one. Stops at `deadline`.
void run_hostile_table(Wire& wire, mcp::Revision revision, const Json& tools,
                       std::chrono::steady_clock::time_point deadline, const std::stop_token& stop,
                       ProbeReport& report);

}  // namespace fairlead::agent
