#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "servers/filesystem/failure.h"
#include "servers/filesystem/hidden_name.h"
#include "servers/filesystem/new_file.h"
#include "servers/filesystem/writing.h"

namespace fairlead::filesystem {
namespace {

constexpr std::size_t chunk_bytes = std::size_t{1} << 20U;
constexpr std::size_t max_attribute_bytes = 64 << 10;

}  // namespace

NewFile::NewFile(const Place& place, mode_t mode) : place_(place) {
  const Descriptor& directory = place.directory;
  sweep_hidden_names(directory);
  file_ = Descriptor(::openat(directory.get(), ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, mode));
  if (file_) return;
  if (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT && errno != EINVAL) {
    throw_system_error(errno, "open", place.real_path);
  }
  take_name(mode);
}

/// Where there are no nameless files.
void NewFile::take_name(mode_t mode) {
  const Descriptor& directory = place_.directory;
  do {  // again when it was swept before it was locked
    int error = 0;
    hidden_name_ = take_hidden_name(
        [&](const std::string& name) {
          file_ = Descriptor(::openat(directory.get(), name.c_str(),
                                      O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
          return file_ ? 0 : errno;
        },
        error);
    if (error != 0) throw_system_error(error, "open", place_.real_path);
  } while (!lock_hidden(directory, hidden_name_, file_));
}

NewFile::~NewFile() {
  if (!hidden_name_.empty()) ::unlinkat(place_.directory.get(), hidden_name_.c_str(), 0);
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
  const Descriptor& directory = place_.directory;
  int error = 0;
  if (hidden_name_.empty() && !replace) {
    error = link_to(place_.name);
  } else {
    if (hidden_name_.empty()) {
      ::flock(file_.get(), LOCK_EX | LOCK_NB);  // nobody else knows it yet
      hidden_name_ =
          take_hidden_name([this](const std::string& name) { return link_to(name); }, error);
    }
    if (error == 0 && replace) {
      error = ::renameat(directory.get(), hidden_name_.c_str(), directory.get(),
                         place_.name.c_str()) == 0
                  ? 0
                  : errno;
    } else if (error == 0) {
      error = rename_without_replacing(directory, hidden_name_, directory, place_.name);
    }
  }
  if (error != 0) throw_system_error(error, "open", place_.real_path);
  hidden_name_.clear();
  sync_directory(directory);
}

}  // namespace fairlead::filesystem
