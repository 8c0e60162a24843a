#pragma once

#include <memory>
#include <string>
#include <vector>

#include <mcp/server/server.h>

#include "servers/filesystem/limits.h"
#include "servers/filesystem/sandbox.h"

namespace fairlead::filesystem {

struct Options {
  Limits limits = {};
  std::vector<std::string> disabled_tools = {};
};

/// The server with its tools. Throws Failure when a disabled tool does not exist.
std::unique_ptr<mcp::Server> make_server(std::shared_ptr<const Sandbox> sandbox,
                                         const Options& options = {});

}  // namespace fairlead::filesystem
