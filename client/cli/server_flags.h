#pragma once

#include <string>
#include <vector>

#include <CLI/App.hpp>

#include <client/config/mcp_servers.h>

namespace fairlead::agent {

/// How a command that talks to one server is told which.
struct ServerFlags {
  std::string server;
  std::string config_file;
  std::vector<std::string> headers;
  std::string token_variable;

  void add_to(CLI::App& command);
  /// \throws std::invalid_argument
  ServerEntry entry() const;
};

}  // namespace fairlead::agent
