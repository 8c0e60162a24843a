#pragma once

#include <stdexcept>
#include <string>

namespace fairlead::filesystem {

/// A call that could not be done, in words for the model. It never names what lies outside the
/// allowed directories.
class Failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The words of a system error as programs that used the reference server know them:
/// "ENOENT: no such file or directory, open '/srv/a.txt'". Without a path that part is left out.
std::string system_error_text(int error, const std::string& call, const std::string& path = {});

[[noreturn]] void throw_system_error(int error, const std::string& call,
                                     const std::string& path = {});

}  // namespace fairlead::filesystem
