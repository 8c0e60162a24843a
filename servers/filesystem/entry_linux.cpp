#include "servers/filesystem/entry.h"

#include <fcntl.h>

#include <cerrno>

#include "servers/filesystem/failure.h"

namespace fairlead::filesystem {

Descriptor duplicate(const Descriptor& descriptor) {
  Descriptor copy(::fcntl(descriptor.get(), F_DUPFD_CLOEXEC, 0));
  if (!copy) throw_system_error(errno, "open");
  return copy;
}

Place entry_of(const Descriptor& directory, const std::string& name, const std::string& path) {
  Place place;
  place.directory = duplicate(directory);
  place.name = name;
  place.real_path = path;
  place.exists = ::fstatat(directory.get(), name.c_str(), &place.status, AT_SYMLINK_NOFOLLOW) == 0;
  return place;
}

}  // namespace fairlead::filesystem
