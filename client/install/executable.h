#pragma once

#include <string>

namespace fairlead::agent {

/// Whether this process may run the file.
bool is_executable(const std::string& path);

/// The running program's own file. Throws std::runtime_error when the system does not tell.
std::string executable_path();

}  // namespace fairlead::agent
