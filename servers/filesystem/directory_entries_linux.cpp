#include "servers/filesystem/directory_entries.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <memory>

#include "servers/filesystem/failure.h"
#include "servers/filesystem/first_of.h"

namespace fairlead::filesystem {

void DirectoryNames::add(std::string_view name, Kind kind) {
  constexpr std::size_t most_bytes = std::numeric_limits<std::uint32_t>::max();
  if (texts_.size() + name.size() > most_bytes ||
      name.size() > std::numeric_limits<std::uint16_t>::max()) {
    throw Failure("The directory is too large.");
  }
  items_.push_back({0, static_cast<std::uint32_t>(texts_.size()),
                    static_cast<std::uint16_t>(name.size()), kind});
  texts_ += name;
}

void DirectoryNames::set_keys() {
  if (items_.empty()) return;
  const std::string_view first = text(items_.front());
  std::size_t shared = first.size();
  for (const Item& item : items_) {
    const std::string_view name = text(item);
    const std::size_t most = std::min(shared, name.size());
    shared = 0;
    while (shared < most && name[shared] == first[shared]) ++shared;
  }
  for (Item& item : items_) {
    const std::string_view rest = text(item).substr(shared);
    std::uint64_t key = 0;
    for (std::size_t i = 0; i < sizeof(key); ++i) {
      key = key << 8U | (i < rest.size() ? static_cast<unsigned char>(rest[i]) : 0U);
    }
    item.key = key;
  }
}

void DirectoryNames::sort(const Watch& watch) {
  set_keys();
  sort_watched(items_, watch, [this](const Item& a, const Item& b) { return less(a, b); });
}

void DirectoryNames::keep_first(std::size_t count) {
  if (items_.size() <= count) return;
  set_keys();
  std::nth_element(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(count),
                   items_.end(), [this](const Item& a, const Item& b) { return less(a, b); });
  items_.resize(count);
  std::string kept;
  kept.reserve(texts_.size());
  for (Item& item : items_) {
    const auto at = static_cast<std::uint32_t>(kept.size());
    kept += text(item);
    item.at = at;
  }
  texts_ = std::move(kept);
}

std::string_view DirectoryNames::last() const {
  std::string_view latest = text(items_.front());
  for (const Item& item : items_) latest = std::max(latest, text(item));
  return latest;
}

std::size_t DirectoryNames::after(std::string_view name, bool with_it) const {
  const auto found =
      std::partition_point(items_.begin(), items_.end(), [this, name, with_it](const Item& item) {
        return with_it ? text(item) < name : text(item) <= name;
      });
  return static_cast<std::size_t>(found - items_.begin());
}

void DirectoryNames::shrink() {
  texts_.shrink_to_fit();
  items_.shrink_to_fit();
}

Kind kind_of(const dirent& entry, int directory) {
  switch (entry.d_type) {
    case DT_DIR:
      return Kind::directory;
    case DT_REG:
      return Kind::file;
    case DT_LNK:
      return Kind::link;
    case DT_UNKNOWN:
      break;  // some file systems do not tell
    default:
      return Kind::other;
  }
  struct stat status {};
  if (::fstatat(directory, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) return Kind::other;
  if (S_ISDIR(status.st_mode)) return Kind::directory;
  if (S_ISLNK(status.st_mode)) return Kind::link;
  return S_ISREG(status.st_mode) ? Kind::file : Kind::other;
}

void read_entries(
    const Descriptor& directory, const Watch& watch,
    const std::function<void(std::string_view name, const dirent& entry, int directory)>& see) {
  // A stream of its own: it takes the descriptor, and begins at the beginning.
  Descriptor own(::openat(directory.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!own) throw_system_error(errno, "scandir");
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(own.get()), ::closedir);
  if (stream == nullptr) throw_system_error(errno, "scandir");
  const int number = own.release();
  for (std::size_t count = 1;; ++count) {
    errno = 0;
    const dirent* next = ::readdir(stream.get());
    if (next == nullptr) break;
    const std::string_view name = next->d_name;
    if (name == "." || name == "..") continue;
    see(name, *next, number);
    if (count % 256 == 0) watch.check();
  }
  if (errno != 0) throw_system_error(errno, "scandir");
}

DirectoryNames entries_of(const Descriptor& directory, const Watch& watch) {
  return first_entries(directory, {}, true, std::numeric_limits<std::size_t>::max() / 4, watch);
}

DirectoryNames first_entries(const Descriptor& directory, std::string_view after, bool with_it,
                             std::size_t count, const Watch& watch) {
  DirectoryNames first;
  std::string end;  // no name from here on is among the first
  read_entries(directory, watch, [&](std::string_view name, const dirent& entry, int number) {
    if (name < after || (!with_it && name == after) || (!end.empty() && name > end)) return;
    first.add(name, kind_of(entry, number));
    if (first.size() < 2 * count + 1'000) return;
    first.keep_first(count);
    end = first.last();
  });
  first.keep_first(count);
  first.sort(watch);
  return first;
}

}  // namespace fairlead::filesystem
