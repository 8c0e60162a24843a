#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <mcp/server/server.h>

#include "servers/filesystem/limits.h"
#include "servers/filesystem/sandbox.h"

namespace fairlead::filesystem {

struct Options {
  Limits limits = {};
  bool read_only = false;  ///< no tool that writes
  std::vector<std::string> disabled_tools = {};
  /// Where deleted files go; without one, into `.Trash-<user id>` of the allowed directory.
  std::optional<std::string> trash = {};
};

/// The server with its tools. Throws Failure when a disabled tool does not exist, or the trash
/// can't be made.
std::unique_ptr<mcp::Server> make_server(std::shared_ptr<const Sandbox> sandbox,
                                         const Options& options = {});

}  // namespace fairlead::filesystem
