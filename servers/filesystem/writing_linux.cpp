#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <vector>

#include "servers/filesystem/directory_entries.h"
#include "servers/filesystem/entry.h"
#include "servers/filesystem/failure.h"
#include "servers/filesystem/hidden_name.h"
#include "servers/filesystem/new_file.h"
#include "servers/filesystem/writing.h"

namespace fairlead::filesystem {
namespace {

constexpr std::size_t chunk_bytes = std::size_t{4} << 20U;
constexpr mode_t permissions = 07777;

/// A file or directory can be put there.
void require_destination(const Place& place, const char* call) {
  refuse_hidden_name(place);
  if (!place.missing_below.empty()) throw_system_error(ENOENT, call, place.real_path);
}

Descriptor open_old(const Place& place, const char* call) {
  if (!place.exists) return {};
  if (S_ISDIR(place.status.st_mode)) throw_system_error(EISDIR, call, place.real_path);
  return open_regular_file(place);
}

void copy_by_hand(int from, int to, const std::string& path, const Watch& watch) {
  std::vector<char> buffer(64 << 10);
  for (;;) {
    watch.check();
    const ssize_t got = ::read(from, buffer.data(), buffer.size());
    if (got == 0) return;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_system_error(errno, "read", path);
    for (ssize_t done = 0; done < got;) {
      const ssize_t wrote = ::write(to, buffer.data() + done, static_cast<std::size_t>(got - done));
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote < 0) throw_system_error(errno, "write", path);
      done += wrote;
    }
  }
}

/// All of a file; shares its blocks where the file system can.
void copy_content(int from, int to, const std::string& path, const Watch& watch) {
  for (;;) {
    watch.check();
    const ssize_t copied = ::copy_file_range(from, nullptr, to, nullptr, chunk_bytes, 0);
    if (copied > 0) continue;
    if (copied < 0 && errno == EINTR) continue;
    // Files of /proc copy as empty; some file systems can't copy at all, or not to each other.
    if (copied < 0 && (errno == ENOSPC || errno == EIO || errno == EDQUOT)) {
      throw_system_error(errno, "write", path);
    }
    return copy_by_hand(from, to, path, watch);
  }
}

std::string text_of_link(int directory, const std::string& name) {
  std::array<char, PATH_MAX> target{};
  const ssize_t length = ::readlinkat(directory, name.c_str(), target.data(), target.size());
  if (length < 0) throw_system_error(errno, "readlink");
  return {target.data(), static_cast<std::size_t>(length)};
}

Descriptor open_named_directory(const Descriptor& directory, const std::string& name,
                                const char* call) {
  Descriptor named(
      ::openat(directory.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!named) throw_system_error(errno, call, name);
  return named;
}

/// A directory that is not complete yet, gone again unless it gets its name.
class HiddenDirectory {
 public:
  explicit HiddenDirectory(const Descriptor& above) : above_(above) {
    sweep_hidden_names(above);
    do {  // again when it was swept before it was locked
      int error = 0;
      name_ = take_hidden_name(
          [&](const std::string& name) {
            return ::mkdirat(above.get(), name.c_str(), 0700) == 0 ? 0 : errno;
          },
          error);
      if (error != 0) throw_system_error(error, "mkdir");
      made_ = Descriptor(
          ::openat(above.get(), name_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
      if (!made_ && errno != ENOENT) {
        error = errno;
        ::unlinkat(above.get(), name_.c_str(), AT_REMOVEDIR);
        throw_system_error(error, "mkdir");
      }
    } while (!made_ || !lock_hidden(above, name_, made_));
  }
  ~HiddenDirectory() {
    if (!name_.empty()) remove_tree(above_, name_);
  }
  HiddenDirectory(const HiddenDirectory&) = delete;
  HiddenDirectory& operator=(const HiddenDirectory&) = delete;

  const Descriptor& descriptor() const { return made_; }
  void publish(const Place& place) {
    const int error = rename_without_replacing(above_, name_, place.directory, place.name);
    if (error != 0) throw_system_error(error, "rename", place.real_path);
    name_.clear();
    sync_directory(above_);
  }

 private:
  const Descriptor& above_;
  std::string name_;
  Descriptor made_;
};

/// Copies into a directory that nobody else knows yet.
class TreeCopy {
 public:
  TreeCopy(const Limits& limits, const Watch& watch) : limits_(limits), watch_(watch) {}

  void entry(const Descriptor& from, const std::string& name, const Descriptor& to,
             const std::string& new_name, std::size_t depth) {
    watch_.check();
    if (++entries_ > limits_.max_copied_entries) {
      throw Failure("Too much to copy: more than " + std::to_string(limits_.max_copied_entries) +
                    " entries.");
    }
    if (depth > limits_.max_depth) {
      throw Failure("Too much to copy: deeper than " + std::to_string(limits_.max_depth) +
                    " levels.");
    }
    struct stat status {};
    if (::fstatat(from.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
      throw_system_error(errno, "stat", name);
    }
    if (S_ISLNK(status.st_mode)) {
      const std::string target = text_of_link(from.get(), name);
      if (::symlinkat(target.c_str(), to.get(), new_name.c_str()) != 0) {
        throw_system_error(errno, "symlink", name);
      }
    } else if (S_ISDIR(status.st_mode)) {
      directory(from, name, status, to, new_name, depth);
    } else {
      file(from, name, to, new_name);
    }
  }

  /// All that is in a directory, and its permissions.
  void content(const Descriptor& old, const struct stat& status, const Descriptor& made,
               std::size_t depth) {
    const DirectoryNames names = entries_of(old, watch_);
    for (std::size_t at = 0; at < names.size(); ++at) {
      const std::string each(names[at].text);
      entry(old, each, made, each, depth + 1);
    }
    static_cast<void>(::fchmod(made.get(), status.st_mode & permissions));
    sync_directory(made);
  }

 private:
  void file(const Descriptor& from, const std::string& name, const Descriptor& to,
            const std::string& new_name) {
    const Place source = entry_of(from, name, name);
    const Descriptor old = open_regular_file(source);
    const Place destination = entry_of(to, new_name, new_name);
    NewFile file(destination, 0600);
    copy_content(old.get(), file.descriptor(), name, watch_);
    file.take_attributes_of(old);
    file.publish(false);
  }

  void directory(const Descriptor& from, const std::string& name, const struct stat& status,
                 const Descriptor& to, const std::string& new_name, std::size_t depth) {
    const Descriptor old = open_named_directory(from, name, "scandir");
    if (::mkdirat(to.get(), new_name.c_str(), 0700) != 0) throw_system_error(errno, "mkdir", name);
    const Descriptor made = open_named_directory(to, new_name, "mkdir");
    content(old, status, made, depth);
  }

  const Limits& limits_;
  const Watch& watch_;
  std::size_t entries_ = 0;
};

}  // namespace

void sync_directory(const Descriptor& directory) {
  const Descriptor readable(::openat(directory.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (readable) ::fsync(readable.get());
}

int rename_without_replacing(const Descriptor& from, const std::string& old_name,
                             const Descriptor& to, const std::string& new_name) {
  if (::renameat2(from.get(), old_name.c_str(), to.get(), new_name.c_str(), RENAME_NOREPLACE) ==
      0) {
    return 0;
  }
  if (errno != EINVAL && errno != ENOSYS) return errno;
  struct stat status {};
  if (::fstatat(to.get(), new_name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) return EEXIST;
  return ::renameat(from.get(), old_name.c_str(), to.get(), new_name.c_str()) == 0 ? 0 : errno;
}

void write_file(const Place& place, const std::string& content,
                const std::optional<struct stat>& expected) {
  require_destination(place, "open");
  const Descriptor old = open_old(place, "open");
  NewFile file(place, place.exists ? 0600 : 0666);  // an old file's own mode comes later
  file.write(content);
  if (old) file.take_attributes_of(old);
  if (expected) {
    struct stat now {};
    const bool same =
        ::fstatat(place.directory.get(), place.name.c_str(), &now, AT_SYMLINK_NOFOLLOW) == 0 &&
        now.st_dev == expected->st_dev && now.st_ino == expected->st_ino &&
        now.st_size == expected->st_size && now.st_mtim.tv_sec == expected->st_mtim.tv_sec &&
        now.st_mtim.tv_nsec == expected->st_mtim.tv_nsec;
    if (!same) {
      throw Failure("The file was changed by another program meanwhile; nothing was written: " +
                    place.real_path);
    }
  }
  file.publish(place.exists);
}

void append_file(const Place& place, const std::string& content, const Watch& watch) {
  require_destination(place, "open");
  const Descriptor old = open_old(place, "open");
  NewFile file(place, place.exists ? 0600 : 0666);
  if (old) copy_content(old.get(), file.descriptor(), place.real_path, watch);
  file.write(content);
  if (old) file.take_attributes_of(old);
  file.publish(place.exists);
}

void create_directory(const Place& place) {
  if (place.exists) {
    if (S_ISDIR(place.status.st_mode)) return;
    throw_system_error(EEXIST, "mkdir", place.real_path);
  }
  refuse_hidden_name(place);
  std::vector<std::string> names{place.name};
  names.insert(names.end(), place.missing_below.begin(), place.missing_below.end());
  const Descriptor* at = &place.directory;
  Descriptor held;
  for (const auto& name : names) {
    // One that somebody else has made since is as good.
    if (::mkdirat(at->get(), name.c_str(), 0777) != 0 && errno != EEXIST) {
      throw_system_error(errno, "mkdir", place.real_path);
    }
    Descriptor next(
        ::openat(at->get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!next) throw_system_error(errno, "mkdir", place.real_path);
    sync_directory(*at);
    held = std::move(next);
    at = &held;
  }
}

void move(const Place& source, const Place& destination) {
  const std::string paths = source.real_path + "' -> '" + destination.real_path;
  if (destination.exists) {
    throw Failure("Destination already exists: " + destination.real_path);
  }
  refuse_hidden_name(destination);
  if (source.is_allowed_directory()) {
    throw Failure("An allowed directory itself can't be moved: " + source.real_path);
  }
  if (!source.exists || !destination.missing_below.empty()) {
    throw_system_error(ENOENT, "rename", paths);
  }
  const int error = rename_without_replacing(source.directory, source.name, destination.directory,
                                             destination.name);
  if (error == EEXIST) throw Failure("Destination already exists: " + destination.real_path);
  if (error != 0) throw_system_error(error, "rename", paths);
  sync_directory(destination.directory);
  sync_directory(source.directory);
}

void copy(const Place& source, const Place& destination, const Limits& limits, const Watch& watch) {
  if (destination.exists) {
    throw Failure("Destination already exists: " + destination.real_path);
  }
  require_destination(destination, "copyfile");
  if (!source.exists) throw_system_error(ENOENT, "copyfile", source.real_path);
  const std::string below = source.real_path == "/" ? "/" : source.real_path + "/";
  if (destination.real_path.rfind(below, 0) == 0) {
    throw Failure("A directory can't be copied into itself: " + destination.real_path);
  }
  TreeCopy tree(limits, watch);
  if (!S_ISDIR(source.status.st_mode)) {
    tree.entry(source.directory, source.name, destination.directory, destination.name, 1);
    sync_directory(destination.directory);
    return;
  }
  const Descriptor old = open_directory(source);
  HiddenDirectory copied(destination.directory);
  tree.content(old, source.status, copied.descriptor(), 1);
  copied.publish(destination);
}

}  // namespace fairlead::filesystem
