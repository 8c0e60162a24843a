#include <fcntl.h>
#include <stdio.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include <mcp/base/digest.h>

#include "servers/filesystem/failure.h"
#include "servers/filesystem/new_file.h"
#include "servers/filesystem/writing.h"

namespace fairlead::filesystem {
namespace {

constexpr std::size_t chunk_bytes = std::size_t{1} << 20U;
constexpr std::size_t max_attribute_bytes = 64 << 10;

/// The same for each writer of a file: what a crash has left is removed by the next one.
std::string hidden_name_for(const std::string& name) {
  return ".fairlead-" + mcp::sha256_hex(name).substr(0, 16) + ".tmp";
}

}  // namespace

NewFile::NewFile(const Place& place, mode_t mode)
    : place_(place), hidden_name_(hidden_name_for(place.name)) {
  const int directory = place.directory.get();
  file_ = Descriptor(::openat(directory, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, mode));
  if (file_) return;
  if (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT && errno != EINVAL) {
    throw_system_error(errno, "open", place.real_path);
  }
  ::unlinkat(directory, hidden_name_.c_str(), 0);
  file_ = Descriptor(::openat(directory, hidden_name_.c_str(),
                              O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
  if (!file_) throw_system_error(errno, "open", place.real_path);
  named_ = true;
}

NewFile::~NewFile() {
  if (named_) ::unlinkat(place_.directory.get(), hidden_name_.c_str(), 0);
}

void NewFile::write(const std::string& content) {
  std::size_t done = 0;
  while (done < content.size()) {
    const ssize_t wrote =
        ::write(file_.get(), content.data() + done, std::min(content.size() - done, chunk_bytes));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) throw_system_error(errno, "write", place_.real_path);
    done += static_cast<std::size_t>(wrote);
  }
}

void NewFile::take_attributes_of(const Descriptor& old) {
  struct stat status {};
  if (::fstat(old.get(), &status) != 0) return;
  const bool same_owner = ::fchown(file_.get(), status.st_uid, status.st_gid) == 0;
  // After the owner, whose change takes set-user-id bits away; they are not given to another one.
  if (::fchmod(file_.get(), status.st_mode & (same_owner ? 07777U : 0777U)) != 0) return;
  std::vector<char> names(max_attribute_bytes);
  const ssize_t length = ::flistxattr(old.get(), names.data(), names.size());
  std::vector<char> value(max_attribute_bytes);
  for (ssize_t at = 0; at < length;) {
    const char* name = names.data() + at;
    const ssize_t size = ::fgetxattr(old.get(), name, value.data(), value.size());
    if (size >= 0) {
      static_cast<void>(
          ::fsetxattr(file_.get(), name, value.data(), static_cast<std::size_t>(size), 0));
    }
    at += static_cast<ssize_t>(std::strlen(name)) + 1;
  }
}

int NewFile::link_to(const std::string& name) {
  const std::string own = "/proc/self/fd/" + std::to_string(file_.get());
  const int directory = place_.directory.get();
  if (::linkat(AT_FDCWD, own.c_str(), directory, name.c_str(), AT_SYMLINK_FOLLOW) == 0) return 0;
  if (errno == EEXIST) return EEXIST;
  // Without /proc: needs a privilege, or a recent kernel.
  return ::linkat(file_.get(), "", directory, name.c_str(), AT_EMPTY_PATH) == 0 ? 0 : errno;
}

void NewFile::publish(bool replace) {
  if (::fsync(file_.get()) != 0) throw_system_error(errno, "fsync", place_.real_path);
  int error = 0;
  if (!named_ && !replace) {
    error = link_to(place_.name);
    if (error != 0) throw_system_error(error, "open", place_.real_path);
    sync_directory(place_.directory);
    return;
  }
  if (!named_) {
    error = link_to(hidden_name_);
    if (error == EEXIST) {  // what a crash has left
      ::unlinkat(place_.directory.get(), hidden_name_.c_str(), 0);
      error = link_to(hidden_name_);
    }
    named_ = error == 0;
  }
  if (error == 0 && replace) {
    const int directory = place_.directory.get();
    error = ::renameat(directory, hidden_name_.c_str(), directory, place_.name.c_str()) == 0
                ? 0
                : errno;
  } else if (error == 0) {
    error = rename_without_replacing(place_.directory, hidden_name_, place_.directory, place_.name);
  }
  if (error != 0) throw_system_error(error, "open", place_.real_path);
  named_ = false;
  sync_directory(place_.directory);
}

}  // namespace fairlead::filesystem
