#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <climits>
#include <deque>
#include <filesystem>
#include <memory>

#include "servers/filesystem/canonical_text.h"
#include "servers/filesystem/directory_entries.h"
#include "servers/filesystem/entry.h"
#include "servers/filesystem/failure.h"
#include "servers/filesystem/sandbox.h"

namespace fairlead::filesystem {
namespace {

constexpr int max_links = 40;  // as the kernel's own limit
// Each level of a walk holds a descriptor.
constexpr std::size_t max_levels = 256;
// Nobody can cancel the search for a path.
constexpr std::size_t max_compared_names = 100'000;

[[noreturn]] void refuse_outside(const std::string& requested) {
  throw Failure("Access denied - path outside allowed directories: " + requested);
}

[[noreturn]] void refuse_link(const std::string& requested) {
  throw Failure("Access denied - symlink target outside allowed directories: " + requested);
}

bool is_windows_path(const std::string& path) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return path.size() >= 2 && letter(path[0]) && path[1] == ':' &&
         (path.size() == 2 || path[2] == '/' || path[2] == '\\');
}

std::string expand_home(const std::string& path) {
  if (path != "~" && path.rfind("~/", 0) != 0) return path;
  const char* home = ::getenv("HOME");
  return home == nullptr ? path : home + path.substr(1);
}

std::vector<std::string> split(const std::string& path) {
  std::vector<std::string> parts;
  std::size_t from = 0;
  while (from <= path.size()) {
    const std::size_t to = std::min(path.find('/', from), path.size());
    if (to > from) parts.push_back(path.substr(from, to - from));
    from = to + 1;
  }
  return parts;
}

/// Absolute, without ".", ".." and double slashes: by its words, links are not looked at.
std::string normal(const std::string& absolute) {
  std::vector<std::string> kept;
  for (auto& part : split(absolute)) {
    if (part == ".") continue;
    if (part != "..") {
      kept.push_back(std::move(part));
    } else if (!kept.empty()) {
      kept.pop_back();
    }
  }
  std::string result;
  for (const auto& part : kept) result += "/" + part;
  return result.empty() ? "/" : result;
}

std::string joined(const std::string& directory, const std::string& name) {
  return directory == "/" ? directory + name : directory + "/" + name;
}

/// What `path` has below `directory`; false when it is not inside.
bool below(const std::string& path, const std::string& directory, std::string& rest) {
  if (directory == "/") {
    rest = path.substr(1);
    return true;
  }
  if (path.rfind(directory, 0) != 0) return false;
  if (path.size() == directory.size()) {
    rest.clear();
    return true;
  }
  if (path[directory.size()] != '/') return false;  // /data is no part of /data-secret
  rest = path.substr(directory.size() + 1);
  return true;
}

std::string read_link(int directory, const std::string& name) {
  std::array<char, PATH_MAX> target{};
  const ssize_t length = ::readlinkat(directory, name.c_str(), target.data(), target.size());
  if (length < 0) return {};
  return {target.data(), static_cast<std::size_t>(length)};
}

void require_regular_file(const struct stat& status, const std::string& path) {
  if (S_ISDIR(status.st_mode)) throw_system_error(EISDIR, "read");
  if (!S_ISREG(status.st_mode)) {
    throw Failure("Not a regular file (a pipe, socket, device or link): " + path);
  }
}

/// The name in a directory that is the same to people, in other bytes: other systems take letters
/// apart. Empty when there is none.
std::string same_name(const Descriptor& directory, const std::string& name) {
  const bool ascii = std::all_of(name.begin(), name.end(), [](char c) { return c >= 0; });
  if (ascii) return {};
  const std::string wanted = decomposed(name);
  const Watch no_end({}, std::chrono::hours(1));
  std::string found;
  bool ambiguous = false;
  try {
    std::size_t seen = 0;
    read_entries(directory, no_end, [&](std::string_view each, const dirent&, int) {
      if (++seen > max_compared_names) throw Failure("Too many names to compare.");
      if (decomposed(each) != wanted) return;
      ambiguous = ambiguous || !found.empty();
      found = each;
    });
  } catch (const Failure&) {
    return {};  // where they can't all be compared, the name must be known
  }
  if (ambiguous) throw Failure("Ambiguous Unicode path component: " + name);
  return found;
}

}  // namespace

AllowedDirectory open_allowed_directory(const std::string& path) {
  AllowedDirectory result;
  result.given =
      normal(std::filesystem::absolute(std::filesystem::path(expand_home(path))).string());
  const std::unique_ptr<char, void (*)(void*)> real(::realpath(result.given.c_str(), nullptr),
                                                    ::free);
  if (real == nullptr) throw_system_error(errno, "realpath", result.given);
  result.real = real.get();
  result.descriptor =
      Descriptor(::open(result.real.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!result.descriptor) throw_system_error(errno, "open", result.given);
  return result;
}

Sandbox::Sandbox(std::vector<AllowedDirectory> directories, Following following, Links links)
    : allowed_(std::move(directories)), following_(following), links_(links) {}

Sandbox Sandbox::narrowed_to(const std::vector<std::string>& paths) const {
  std::vector<AllowedDirectory> left;
  const auto add = [&left](std::string given, const std::string& real, Descriptor descriptor) {
    for (const auto& each : left) {
      if (each.real == real) return;
    }
    left.push_back({std::move(given), real, std::move(descriptor)});
  };
  for (const auto& path : paths) {
    const std::string words = normal(path);
    const std::unique_ptr<char, void (*)(void*)> resolved(::realpath(words.c_str(), nullptr),
                                                          ::free);
    const std::string real = resolved == nullptr ? words : resolved.get();
    std::string rest;
    for (const auto& each : allowed_) {  // those that lie in it
      if (below(each.given, words, rest) || below(each.real, real, rest)) {
        add(each.given, each.real, duplicate(each.descriptor));
      }
    }
    try {
      const Place place = find(words);
      if (place.exists && S_ISDIR(place.status.st_mode)) {
        add(words, place.real_path, open_directory(place));
      }
    } catch (const Failure&) {
      // It lies elsewhere.
    }
  }
  return Sandbox(std::move(left), following_, links_);
}

std::vector<std::string> Sandbox::directories() const {
  std::vector<std::string> result;
  for (const auto& each : allowed_) {
    result.push_back(each.given);
    if (each.real != each.given) result.push_back(each.real);
  }
  return result;
}

bool Sandbox::locate(const std::string& absolute, Start& start) const {
  bool found = false;
  std::size_t longest = 0;
  std::string rest;
  for (const auto& each : allowed_) {
    for (const auto* form : {&each.given, &each.real}) {
      if ((found && form->size() < longest) || !below(absolute, *form, rest)) continue;
      found = true;
      longest = form->size();
      start = {&each, split(rest)};
    }
  }
  return found;
}

Place Sandbox::find(const std::string& requested) const {
  return follow(requested, true);
}

Place Sandbox::find_link(const std::string& requested) const {
  return follow(requested, false);
}

Place Sandbox::root_of(const std::string& absolute_path) const {
  Start start{};
  if (!locate(normal(absolute_path), start)) refuse_outside(absolute_path);
  Place place;
  place.directory = duplicate(start.directory->descriptor);
  place.name = ".";
  place.real_path = start.directory->real;
  place.exists = ::fstatat(place.directory.get(), ".", &place.status, 0) == 0;
  return place;
}

Place Sandbox::follow(const std::string& requested, bool last_link) const {
  const std::string path = expand_home(requested);
  if (is_windows_path(path)) {
    throw Failure("Access denied - Windows-style path received on a POSIX host: " + requested);
  }
  if (allowed_.empty() || path.find('\0') != std::string::npos) refuse_outside(requested);
  const bool absolute = !path.empty() && path.front() == '/';
  Start start{};
  if (!locate(normal(absolute ? path : joined(allowed_.front().real, path)), start)) {
    refuse_outside(requested);
  }
  Place place;
  if (following_ == Following::kernel && follow_in_kernel(start, last_link, place)) return place;
  return follow_step_by_step(start, requested, last_link);
}

/// False when there is a link on the way, something is missing, or this kernel (or a filter of
/// system calls) knows no openat2.
bool Sandbox::follow_in_kernel(const Start& start, bool last_link, Place& place) const {
  std::string parent = ".";
  for (std::size_t i = 0; i + 1 < start.components.size(); ++i) parent += "/" + start.components[i];
  open_how how{};
  how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS;
  Descriptor directory(static_cast<int>(::syscall(SYS_openat2, start.directory->descriptor.get(),
                                                  parent.c_str(), &how, sizeof(how))));
  if (!directory) return false;
  place.name = start.components.empty() ? "." : start.components.back();
  if (::fstatat(directory.get(), place.name.c_str(), &place.status, AT_SYMLINK_NOFOLLOW) != 0) {
    return false;
  }
  if (last_link && S_ISLNK(place.status.st_mode)) return false;
  place.directory = std::move(directory);
  place.exists = true;
  place.real_path = start.directory->real;
  for (const auto& component : start.components) {
    place.real_path = joined(place.real_path, component);
  }
  return true;
}

Place Sandbox::follow_step_by_step(const Start& start, const std::string& requested,
                                   bool last_link) const {
  struct Level {
    Descriptor descriptor;
    std::string path;
  };
  std::vector<Level> levels;
  const AllowedDirectory* root = start.directory;
  levels.push_back({duplicate(root->descriptor), root->real});
  std::deque<std::string> rest(start.components.begin(), start.components.end());
  std::string whole = root->real;  // what was asked for, in messages
  for (const auto& each : rest) whole = joined(whole, each);
  std::size_t asked = rest.size();  // components of `rest`, at its end, that came from no link
  int links = 0;

  // A link that leaves this directory may lead into another allowed one.
  const auto restart = [&](const std::string& absolute) {
    Start again{};
    if (!locate(normal(absolute), again)) refuse_link(requested);
    root = again.directory;
    levels.clear();
    levels.push_back({duplicate(root->descriptor), root->real});
    rest.assign(again.components.begin(), again.components.end());
  };

  while (!rest.empty()) {
    const std::string name = rest.front();
    rest.pop_front();
    const bool of_link = rest.size() >= asked;
    asked = std::min(asked, rest.size());
    const auto look_again = [&] {
      rest.push_front(name);
      if (!of_link) asked = rest.size();
    };
    if (name == ".") continue;
    if (name == "..") {
      if (levels.size() > 1) {
        levels.pop_back();
        continue;
      }
      std::string absolute = root->real + "/..";
      for (const auto& each : rest) absolute += "/" + each;
      restart(absolute);
      continue;
    }
    const Level& here = levels.back();
    const std::string path = joined(here.path, name);
    struct stat status {};
    if (::fstatat(here.descriptor.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno != ENOENT) throw_system_error(errno, "realpath", whole);
      const std::string same = of_link ? std::string() : same_name(here.descriptor, name);
      if (!same.empty() && ++links <= max_links) {
        rest.push_front(same);
        asked = rest.size();
        continue;
      }
      if (of_link) {
        throw Failure("Parent directory does not exist: " +
                      std::filesystem::path(whole).parent_path().string());
      }
      Place place;
      place.directory = duplicate(here.descriptor);
      place.name = name;
      place.real_path = path;
      for (const auto& each : rest) {
        place.real_path = joined(place.real_path, each);
        place.missing_below.push_back(each);
      }
      return place;
    }
    if (S_ISLNK(status.st_mode) && (last_link || !rest.empty())) {
      if (links_ == Links::never) {
        throw Failure("Access denied - symbolic links are not followed: " + requested);
      }
      if (++links > max_links) throw_system_error(ELOOP, "realpath", whole);
      const std::string target = read_link(here.descriptor.get(), name);
      auto parts = split(target);
      parts.insert(parts.end(), rest.begin(), rest.end());
      if (target.empty()) {
        look_again();  // no link any more
      } else if (target.front() == '/') {
        std::string absolute;
        for (const auto& each : parts) absolute += "/" + each;
        restart(absolute.empty() ? "/" : absolute);
      } else {
        rest.assign(parts.begin(), parts.end());
      }
      continue;
    }
    if (rest.empty()) {
      Place place;
      place.directory = duplicate(here.descriptor);
      place.name = name;
      place.real_path = path;
      place.exists = true;
      place.status = status;
      return place;
    }
    if (!S_ISDIR(status.st_mode)) throw_system_error(ENOTDIR, "realpath", whole);
    if (levels.size() >= max_levels) throw_system_error(ENAMETOOLONG, "realpath", whole);
    Descriptor next(::openat(here.descriptor.get(), name.c_str(),
                             O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (next) {
      levels.push_back({std::move(next), path});
    } else if ((errno == ENOTDIR || errno == ELOOP || errno == ENOENT) && ++links <= max_links) {
      look_again();  // exchanged since fstatat
    } else {
      throw_system_error(errno, "realpath", whole);
    }
  }
  Place place;
  place.name = ".";
  place.real_path = levels.back().path;
  place.directory = std::move(levels.back().descriptor);
  place.exists = ::fstatat(place.directory.get(), ".", &place.status, 0) == 0;
  return place;
}

Descriptor open_regular_file(const Place& place) {
  if (!place.exists) throw_system_error(ENOENT, "open", place.real_path);
  require_regular_file(place.status, place.real_path);
  struct stat status {};
  return open_regular_file(place.directory, place.name, place.real_path, status);
}

Descriptor open_regular_file(const Descriptor& directory, const std::string& name,
                             const std::string& path, struct stat& status) {
  Descriptor file(::openat(directory.get(), name.c_str(),
                           O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file) throw_system_error(errno, "open", path);
  if (::fstat(file.get(), &status) != 0) throw_system_error(errno, "fstat", path);
  require_regular_file(status, path);
  return file;
}

Descriptor open_directory(const Place& place) {
  if (!place.exists) throw_system_error(ENOENT, "scandir", place.real_path);
  if (!S_ISDIR(place.status.st_mode)) throw_system_error(ENOTDIR, "scandir", place.real_path);
  Descriptor directory(::openat(place.directory.get(), place.name.c_str(),
                                O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory) throw_system_error(errno, "scandir", place.real_path);
  return directory;
}

}  // namespace fairlead::filesystem
