#include "servers/filesystem/server.h"

#include <mcp/server/watching.h>

#include "servers/filesystem/file_watcher.h"
#include "servers/filesystem/toolbox.h"

namespace fairlead::filesystem {

// The reference server's own name and version: programs know it by them.
FilesystemServer::FilesystemServer(const std::shared_ptr<const Sandbox>& sandbox,
                                   const Options& options)
    : mcp::Server({.name = "secure-filesystem-server", .version = "0.2.0"}),
      watcher_(std::make_shared<FileWatcher>(
          sandbox, [this](const std::string& uri) { resource_updated(uri); })) {
  Toolbox toolbox(*this, sandbox, options);
  add_reading_tools(toolbox);
  add_search_tools(toolbox);
  if (!options.read_only) add_writing_tools(toolbox, options);
  add_resources(*this, toolbox.shared());
  for (const auto& name : options.disabled_tools) {
    if (toolbox.names().count(name) != 0) continue;
    std::string known;
    for (const auto& each : toolbox.names()) known += (known.empty() ? "" : ", ") + each;
    throw Failure("There is no tool \"" + name + "\" to disable; the tools are " + known + ".");
  }
  // Connections may outlive this server, and its handlers with them.
  const std::weak_ptr<FileWatcher> watcher = watcher_;
  mcp::set_watch_handlers(*this, {.began =
                                      [watcher](const std::string& uri) {
                                        if (const auto alive = watcher.lock()) alive->watch(uri);
                                      },
                                  .ended =
                                      [watcher](const std::string& uri) {
                                        if (const auto alive = watcher.lock()) alive->forget(uri);
                                      }});
}

FilesystemServer::~FilesystemServer() {
  watcher_->stop();
}

std::unique_ptr<FilesystemServer> make_server(const std::shared_ptr<const Sandbox>& sandbox,
                                              const Options& options) {
  return std::make_unique<FilesystemServer>(sandbox, options);
}

}  // namespace fairlead::filesystem
