#include <filesystem>
#include <stdexcept>
#include <system_error>

#include <unistd.h>

#include <client/install/executable.h>

namespace fairlead::agent {

bool is_executable(const std::string& path) {
  return ::access(path.c_str(), X_OK) == 0;
}

std::string executable_path() {
  std::error_code error;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) throw std::runtime_error("can't find this program's own file: " + error.message());
  return path.string();
}

}  // namespace fairlead::agent
