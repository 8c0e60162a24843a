#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <mcp/server/server.h>

#include "servers/filesystem/limits.h"
#include "servers/filesystem/sandbox.h"

namespace fairlead::filesystem {

class FileWatcher;

struct Options {
  Limits limits = {};
  bool read_only = false;  ///< no tool that writes
  std::vector<std::string> disabled_tools = {};
  bool confirm = false;  ///< ask before what can't be undone: see mcp::unless_confirmed
  /// Roots of clients narrow what may be used: in sessions, and with `ask_roots` in the stateless
  /// era, too, where each call asks for them.
  bool client_roots = true;
  bool ask_roots = false;
  /// Where deleted files go; without one, into `.Trash-<user id>` of the allowed directory.
  std::optional<std::string> trash = {};
};

/// A server, and what it watches files with.
class FilesystemServer : public mcp::Server {
 public:
  /// With its tools and resources. Throws Failure when a disabled tool does not exist, or the trash
  /// can't be made.
  FilesystemServer(const std::shared_ptr<const Sandbox>& sandbox, const Options& options);
  ~FilesystemServer();

 private:
  std::shared_ptr<FileWatcher> watcher_;  // ends before the server does
};

std::unique_ptr<FilesystemServer> make_server(const std::shared_ptr<const Sandbox>& sandbox,
                                              const Options& options = {});

}  // namespace fairlead::filesystem
