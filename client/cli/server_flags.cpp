#include <client/cli/server_flags.h>

#include <stdexcept>

#include <client/cli/agent_flags.h>

namespace fairlead::agent {

void ServerFlags::add_to(CLI::App& command) {
  command
      .add_option("server", server, "The server's command or URL, or its name in the --config file")
      ->required();
  command.add_option("--config", config_file, "A file with \"mcpServers\"");
  command.add_option("--header", headers,
                     "\"NAME: VALUE\" for each request to a URL; may be repeated");
  command.add_option("--token-env", token_variable,
                     "The environment variable with a bearer token for a URL");
}

ServerEntry ServerFlags::entry() const {
  ServerEntry entry = one_server(server, config_file);
  if (headers.empty() && token_variable.empty()) return entry;
  if (entry.url.empty()) throw std::invalid_argument("headers and tokens are for servers at a URL");
  for (const std::string& header : headers) {
    const std::size_t colon = header.find(": ");
    if (colon == 0 || colon == std::string::npos) {
      throw std::invalid_argument("--header wants \"NAME: VALUE\"");
    }
    entry.headers[header.substr(0, colon)] = header.substr(colon + 2);
  }
  if (token_variable.empty()) return entry;
  const std::string token = read_environment(token_variable.c_str());
  if (token.empty()) throw std::invalid_argument(token_variable + " is not set");
  entry.headers["Authorization"] = "Bearer " + token;
  return entry;
}

}  // namespace fairlead::agent
