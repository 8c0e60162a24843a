#include "servers/filesystem/tree_walk.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "servers/filesystem/failure.h"

namespace fairlead::filesystem {
namespace {

constexpr std::size_t max_held_entries = 100'000;

}  // namespace

bool TreeWalk::run(const Place& place, const std::string& after, const See& see, const Leave& leave,
                   const Enter& enter) {
  see_ = &see;
  leave_ = &leave;
  enter_ = &enter;
  top_ = place.real_path == "/" ? "" : place.real_path;
  return walk(open_directory(place), "", after, 1);
}

bool TreeWalk::walk(const Descriptor& directory, const std::string& path, const std::string& after,
                    std::size_t depth) {
  if (*enter_) (*enter_)(path, directory);
  if (sandbox_.walks_links()) inside_.push_back(identity(directory));
  // In parts, so that no directory is too large to be held in memory.
  const std::string first = after.substr(0, after.find('/'));
  DirectoryNames part = first_entries(directory, first, true, max_held_entries, watch_);
  while (part.size() > 0) {
    for (std::size_t at = 0; at < part.size(); ++at) {
      const Entry entry = part.entry(at);
      watch_.step();
      const bool seen = !after.empty() && entry.name == first;
      const std::string rest =
          seen && after.size() > first.size() ? after.substr(first.size() + 1) : "";
      const std::string here = path.empty() ? entry.name : path + "/" + entry.name;
      if (!visit(directory, entry, here, seen, rest, depth)) return false;
    }
    if (part.size() < max_held_entries) break;
    const std::string last(part[part.size() - 1].text);
    part = first_entries(directory, last, false, max_held_entries, watch_);
  }
  if (sandbox_.walks_links()) inside_.pop_back();
  return true;
}

bool TreeWalk::visit(const Descriptor& directory, Entry entry, const std::string& path, bool seen,
                     const std::string& after, std::size_t depth) {
  Descriptor below;
  if (entry.kind == Kind::link && sandbox_.walks_links()) {
    below = through_link(path);
    if (below) entry.kind = Kind::directory;
  }
  directory_ = &directory;
  const Next next = (*see_)(path, entry, seen);
  if (next == Next::stop) return false;
  if (next == Next::skip || entry.kind != Kind::directory) return true;
  if (depth >= limits_.max_depth) {
    too_deep_ = true;
  } else {
    if (!below) below = open_below(directory, entry);
    if (below && !walk(below, path, after, depth + 1)) return false;
  }
  if (*leave_) (*leave_)(path);
  return true;
}

Descriptor TreeWalk::open_below(const Descriptor& directory, const Entry& entry) const {
  Descriptor below(::openat(directory.get(), entry.name.c_str(),
                            O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!below && (errno == EMFILE || errno == ENFILE)) throw_system_error(errno, "scandir");
  return below;
}

Descriptor TreeWalk::through_link(const std::string& path) const {
  try {
    const Place place = sandbox_.find(top_ + "/" + path);
    if (!place.exists || !S_ISDIR(place.status.st_mode)) return {};
    Descriptor directory = open_directory(place);
    const bool is_loop =
        std::find(inside_.begin(), inside_.end(), identity(directory)) != inside_.end();
    return is_loop ? Descriptor() : std::move(directory);
  } catch (const Failure&) {
    return {};  // outside, or nowhere
  }
}

std::pair<dev_t, ino_t> TreeWalk::identity(const Descriptor& directory) {
  struct stat status {};
  if (::fstat(directory.get(), &status) != 0) throw_system_error(errno, "stat");
  return {status.st_dev, status.st_ino};
}

}  // namespace fairlead::filesystem
