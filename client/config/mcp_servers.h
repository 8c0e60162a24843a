#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::agent {

/// A server to start, or to reach when `url` is set.
struct ServerEntry {
  std::string name;
  std::string command;
  std::vector<std::string> arguments;
  std::map<std::string, std::string> environment;  ///< added to HOME, PATH and the like
  std::string directory;                           ///< working directory; empty: the agent's
  std::string url;
  std::map<std::string, std::string> headers;  ///< sent with each request to `url`
};

/// Reads the `mcpServers` of a configuration as Claude Desktop writes it, in the file's order.
/// Members that it does not know are left alone; an entry with `disabled: true` is skipped.
/// Throws std::invalid_argument naming the entry and the member, or line and column.
std::vector<ServerEntry> read_mcp_servers(std::string_view text);

/// A server at an http or https URL, named after the host; any other text is a command line.
/// Throws as `server_of_command` does.
ServerEntry server_at(std::string_view address);

/// A server from a command line, split as a shell would split it: quotes and backslashes, no
/// expansion. Named after the program. Throws std::invalid_argument for an open quote.
ServerEntry server_of_command(std::string_view command_line);

}  // namespace fairlead::agent
