#pragma once

#include <memory>
#include <vector>

#include <client/agent/connect_server.h>
#include <client/agent/toolbox.h>

namespace fairlead::agent {

/// Starts all servers at the same time and offers their tools. The toolbox ends them when it goes,
/// all at the same time and in order (see `connect_server`), which takes some seconds when one is
/// stubborn. `handlers` answer what servers ask; see `declining_handlers` for a program without a
/// person. Its `tools` throws ServerFailed.
/// Throws ServerFailed when one of them does not come up within `limits`; none is left then.
std::unique_ptr<Toolbox> open_mcp_toolbox(const std::vector<ServerEntry>& servers,
                                          const mcp::InputHandlers& handlers,
                                          const StartLimits& limits);

}  // namespace fairlead::agent
