#include "servers/filesystem/failure.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace fairlead::filesystem {
namespace {

struct Known {
  int error;
  const char* text;
};

constexpr std::array known{
    Known{ENOENT, "ENOENT: no such file or directory"},
    Known{ENOTDIR, "ENOTDIR: not a directory"},
    Known{EISDIR, "EISDIR: illegal operation on a directory"},
    Known{EEXIST, "EEXIST: file already exists"},
    Known{EACCES, "EACCES: permission denied"},
    Known{EPERM, "EPERM: operation not permitted"},
    Known{ENOTEMPTY, "ENOTEMPTY: directory not empty"},
    Known{EXDEV, "EXDEV: cross-device link not permitted"},
    Known{ELOOP, "ELOOP: too many symbolic links encountered"},
    Known{ENAMETOOLONG, "ENAMETOOLONG: name too long"},
    Known{ENOSPC, "ENOSPC: no space left on device"},
    Known{EROFS, "EROFS: read-only file system"},
    Known{EMFILE, "EMFILE: too many open files"},
    Known{ENFILE, "ENFILE: file table overflow"},
    Known{EINVAL, "EINVAL: invalid argument"},
    Known{EIO, "EIO: i/o error"},
    Known{EBUSY, "EBUSY: resource busy or locked"},
};

}  // namespace

std::string system_error_text(int error, const std::string& call, const std::string& path) {
  const auto found = std::find_if(known.begin(), known.end(),
                                  [error](const Known& each) { return each.error == error; });
  std::string text = found == known.end()
                         ? "error " + std::to_string(error) + ": " + std::strerror(error)
                         : std::string(found->text);
  text += ", " + call;
  if (!path.empty()) text += " '" + path + "'";
  return text;
}

void throw_system_error(int error, const std::string& call, const std::string& path) {
  throw Failure(system_error_text(error, call, path));
}

}  // namespace fairlead::filesystem
