#include <stdexcept>

#include <client/install/client_config_path.h>

namespace fairlead::agent {
namespace {

struct Location {
  HostClient client;
  Platform platform;
  const char* variable;  ///< of the environment; the location counts only when it is set
  const char* marker;    ///< below the variable; the location counts only when it exists
  const char* file;      ///< below the variable
};

/// The first that counts is taken.
constexpr Location locations[] = {
    {HostClient::claude_desktop, Platform::linux_desktop, "XDG_CONFIG_HOME", "",
     "/Claude/claude_desktop_config.json"},
    {HostClient::claude_desktop, Platform::linux_desktop, "HOME", "",
     "/.config/Claude/claude_desktop_config.json"},
    {HostClient::claude_desktop, Platform::macos, "HOME", "",
     "/Library/Application Support/Claude/claude_desktop_config.json"},
    // From the Store (MSIX): what lies in %APPDATA% is not read.
    {HostClient::claude_desktop, Platform::windows, "LOCALAPPDATA",
     "\\Packages\\Claude_pzs8sxrjxfjjc",
     "\\Packages\\Claude_pzs8sxrjxfjjc\\LocalCache\\Roaming\\Claude\\claude_desktop_config.json"},
    {HostClient::claude_desktop, Platform::windows, "APPDATA", "",
     "\\Claude\\claude_desktop_config.json"},
};

}  // namespace

Platform this_platform() {
#if defined(_WIN32)
  return Platform::windows;
#elif defined(__APPLE__)
  return Platform::macos;
#else
  return Platform::linux_desktop;
#endif
}

std::string client_config_path(HostClient client, Platform platform,
                               const std::function<std::string(const char*)>& environment,
                               const std::function<bool(const std::string&)>& exists) {
  std::string missing;
  for (const Location& location : locations) {
    if (location.client != client || location.platform != platform) continue;
    const std::string root = environment(location.variable);
    if (root.empty()) {
      missing = location.variable;
      continue;
    }
    if (*location.marker != '\0' && !exists(root + location.marker)) continue;
    return root + location.file;
  }
  throw std::runtime_error("can't tell where the configuration lies: " + missing +
                           " is not set (or give --config-file PATH)");
}

}  // namespace fairlead::agent
