#pragma once

#include <memory>
#include <stdexcept>
#include <stop_token>
#include <vector>

#include <client/agent/toolbox.h>
#include <client/config/mcp_servers.h>
#include <mcp/client/client.h>

namespace fairlead::agent {

/// A server could not be started or reached; the message names it and says why.
class ServerFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Starts all servers at the same time and offers their tools. They end with the toolbox.
/// `handlers` answer what servers ask; see `declining_handlers` for a program without a person.
/// \throws ServerFailed when one of them does not come up, or when `stop` is requested meanwhile
std::unique_ptr<Toolbox> open_mcp_toolbox(const std::vector<ServerEntry>& servers,
                                          const mcp::InputHandlers& handlers, std::stop_token stop);

/// How a client of this program is made: for one server of a list, or for one command.
/// \throws ServerFailed
mcp::Client connect_server(mcp::Runtime& runtime, const ServerEntry& server,
                           const mcp::InputHandlers& handlers);

/// Says to servers that there is nobody to ask.
mcp::InputHandlers declining_handlers();

}  // namespace fairlead::agent
