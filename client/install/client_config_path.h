#pragma once

#include <functional>
#include <string>

namespace fairlead::agent {

enum class Platform { linux_desktop, macos, windows };

/// The one that this program was built for.
Platform this_platform();

/// Programs that read a configuration of MCP servers.
enum class HostClient { claude_desktop };

/// Where `client` reads its servers on `platform`.
/// `environment` reads a variable (empty when not set), `exists` asks for a file or folder: on
/// Windows an installation from the Store reads another file, and its folder tells.
/// Throws std::runtime_error when the variable that the place hangs on is not set.
std::string client_config_path(HostClient client, Platform platform,
                               const std::function<std::string(const char* name)>& environment,
                               const std::function<bool(const std::string& path)>& exists);

}  // namespace fairlead::agent
