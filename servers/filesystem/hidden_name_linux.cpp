#include "servers/filesystem/hidden_name.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <vector>

#include <mcp/base/digest.h>

#include "servers/filesystem/directory_entries.h"
#include "servers/filesystem/failure.h"

namespace fairlead::filesystem {
namespace {

// One for each server that writes into the same directory at the same time.
constexpr int names = 4;

std::string name_of(int number) {
  return ".fairlead-" + std::to_string(number) + ".tmp";
}

/// For more servers than that, or where somebody else has taken the names. Nobody sweeps it.
std::string random_name() {
  std::array<std::uint8_t, 8> random{};
  if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
    throw_system_error(errno, "getrandom");
  }
  return ".fairlead-" + mcp::hex_encode(random) + ".tmp";
}

bool has_name(const Descriptor& directory, const std::string& name, const struct stat& made) {
  struct stat status {};
  return ::fstatat(directory.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
         status.st_dev == made.st_dev && status.st_ino == made.st_ino;
}

void remove_below(int directory, const std::string& name, std::size_t depth) {
  constexpr std::size_t max_depth = 256;
  if (::unlinkat(directory, name.c_str(), 0) == 0 || depth > max_depth) return;
  {
    const Descriptor below(
        ::openat(directory, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!below) return;
    static_cast<void>(::fchmod(below.get(), 0700));
    const Watch no_end({}, std::chrono::hours(1));
    const DirectoryNames all = entries_of(below, no_end);
    for (std::size_t at = 0; at < all.size(); ++at) {
      remove_below(below.get(), std::string(all[at].text), depth + 1);
    }
  }
  ::unlinkat(directory, name.c_str(), AT_REMOVEDIR);
}

}  // namespace

void refuse_hidden_name(const Place& place) {
  std::vector<std::string> all = place.missing_below;
  all.push_back(place.name);
  for (int number = 1; number <= names; ++number) {
    if (std::find(all.begin(), all.end(), name_of(number)) == all.end()) continue;
    throw Failure("Names like .fairlead-1.tmp are kept for what is being written: " +
                  place.real_path);
  }
}

void remove_tree(const Descriptor& directory, const std::string& name) {
  remove_below(directory.get(), name, 0);
}

void sweep_hidden_names(const Descriptor& directory) {
  for (int number = 1; number <= names; ++number) {
    const std::string name = name_of(number);
    const Descriptor left(::openat(directory.get(), name.c_str(),
                                   O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    struct stat status {};
    if (!left || ::fstat(left.get(), &status) != 0) continue;
    if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) continue;
    // With the lock nobody else sweeps it; another one may have the name by now.
    if (::flock(left.get(), LOCK_EX | LOCK_NB) != 0 || !has_name(directory, name, status)) continue;
    remove_tree(directory, name);
  }
}

std::string take_hidden_name(const std::function<int(const std::string& name)>& make, int& error) {
  for (int number = 1; number <= names + 1; ++number) {
    std::string name = number <= names ? name_of(number) : random_name();
    error = make(name);
    if (error == 0) return name;
    if (error != EEXIST) break;
  }
  return {};
}

bool lock_hidden(const Descriptor& directory, const std::string& name, const Descriptor& made) {
  struct stat status {};
  if (::fstat(made.get(), &status) != 0) return false;
  // Where a file system knows no locks, nobody sweeps either.
  if (::flock(made.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) return false;
  return has_name(directory, name, status);
}

}  // namespace fairlead::filesystem
