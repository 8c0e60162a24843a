#include "servers/filesystem/server.h"

#include "servers/filesystem/toolbox.h"

namespace fairlead::filesystem {

std::unique_ptr<mcp::Server> make_server(std::shared_ptr<const Sandbox> sandbox,
                                         const Options& options) {
  // The reference server's own name and version: programs know it by them.
  auto server = std::make_unique<mcp::Server>(
      mcp::Implementation{.name = "secure-filesystem-server", .version = "0.2.0"});
  Toolbox toolbox(*server, std::move(sandbox), options);
  add_reading_tools(toolbox);
  add_search_tools(toolbox);
  if (!options.read_only) add_writing_tools(toolbox, options);
  for (const auto& name : options.disabled_tools) {
    if (toolbox.names().count(name) != 0) continue;
    std::string known;
    for (const auto& each : toolbox.names()) known += (known.empty() ? "" : ", ") + each;
    throw Failure("There is no tool \"" + name + "\" to disable; the tools are " + known + ".");
  }
  return server;
}

}  // namespace fairlead::filesystem
