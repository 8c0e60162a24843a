#pragma once

#include <sys/types.h>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "servers/filesystem/limits.h"
#include "servers/filesystem/sandbox.h"

namespace fairlead::filesystem {

enum class Kind { file, directory, link, other };

struct Entry {
  std::string name;
  Kind kind = Kind::file;
};

/// A name on one line: line breaks and other control characters are escaped, so that no name can
/// pretend to be two.
std::string one_line(const std::string& name);

/// Sorts, and looks after the call meanwhile: a million names take a while.
template <class T, class Less>
void sort_watched(std::vector<T>& all, const Watch& watch, Less less) {
  std::size_t compared = 0;
  std::stable_sort(all.begin(), all.end(), [&](const T& a, const T& b) {
    if (++compared % 8'192 == 0) watch.check();
    return less(a, b);
  });
}

/// The entries of an open directory in the order of their bytes, without "." and "..".
std::vector<Entry> entries_of(const Descriptor& directory, const Watch& watch);

/// Keeps the first `count` of what is added, whatever the order, in memory for twice as many.
template <class T, class Less>
class FirstOf {
 public:
  FirstOf(std::size_t count, Less less) : count_(count), less_(std::move(less)) {}
  void add(T each) {
    all_.push_back(std::move(each));
    if (all_.size() >= 2 * count_ + 1'000) cut();
  }
  /// Sorted; not to be added to any more.
  std::vector<T> take(const Watch& watch) {
    cut();
    sort_watched(all_, watch, less_);
    return std::move(all_);
  }

 private:
  void cut() {
    if (all_.size() <= count_) return;
    const auto end = all_.begin() + static_cast<std::ptrdiff_t>(count_);
    std::nth_element(all_.begin(), end, all_.end(), less_);
    all_.resize(count_);
  }

  const std::size_t count_;
  const Less less_;
  std::vector<T> all_;
};

/// The first `count` of the entries that come after `after` (or with it) in the order of their
/// bytes.
std::vector<Entry> first_entries(const Descriptor& directory, const std::string& after,
                                 bool with_it, std::size_t count, const Watch& watch);

/// `[DIR] name` and `[FILE] name`, one a line. `cursor` is of an earlier answer, or empty.
TextAnswer list(const Place& place, const std::string& cursor, const Limits& limits,
                const Watch& watch);

enum class SortBy { name, size };

/// With sizes in columns and totals. A link's own size is shown, never that of what it leads to.
TextAnswer list_with_sizes(const Place& place, SortBy sort_by, const std::string& cursor,
                           const Limits& limits, const Watch& watch);

/// "1.50 KB"
std::string size_text(std::uint64_t bytes);

/// What to do after an entry was seen.
enum class Next { descend, skip, stop };

/// Walks a directory, each one before what is in it. Links are followed only where the sandbox says
/// so, to directories, and never into one that the walk is in already. What can't be opened is left
/// out. `after` is the path of an earlier walk's last entry, from which it goes on.
class TreeWalk {
 public:
  /// Gets the path relative to the beginning, and whether an earlier walk has seen the entry.
  using See = std::function<Next(const std::string& path, const Entry& entry, bool seen_before)>;
  /// After all that is in a directory into which the walk has gone.
  using Leave = std::function<void(const std::string& path)>;
  /// Before what is in a directory; the path of the first one is empty.
  using Enter = std::function<void(const std::string& path, const Descriptor& directory)>;

  TreeWalk(const Sandbox& sandbox, const Limits& limits, const Watch& watch)
      : sandbox_(sandbox), limits_(limits), watch_(watch) {}
  /// False when it was stopped.
  bool run(const Place& place, const std::string& after, const See& see, const Leave& leave = {},
           const Enter& enter = {});
  /// The one that holds the entry that is seen.
  const Descriptor& directory() const { return *directory_; }
  /// Something lies deeper than allowed and was left out.
  bool was_too_deep() const { return too_deep_; }

 private:
  bool walk(const Descriptor& directory, const std::string& path, const std::string& after,
            std::size_t depth);
  /// One entry, and what is below it; `after` is within it.
  bool visit(const Descriptor& directory, Entry entry, const std::string& path, bool seen,
             const std::string& after, std::size_t depth);
  /// The directory to which a link leads; none when it is not to be followed.
  Descriptor through_link(const std::string& path) const;
  Descriptor open_below(const Descriptor& directory, const Entry& entry) const;
  static std::pair<dev_t, ino_t> identity(const Descriptor& directory);

  const Sandbox& sandbox_;
  const Limits& limits_;
  const Watch& watch_;
  const See* see_ = nullptr;
  const Leave* leave_ = nullptr;
  const Enter* enter_ = nullptr;
  const Descriptor* directory_ = nullptr;
  std::string top_;                              // the path of the beginning
  std::vector<std::pair<dev_t, ino_t>> inside_;  // the directories that the walk is in
  bool too_deep_ = false;
};

/// The tree as JSON text, as deep and as long as the limits allow.
TextAnswer tree(const Sandbox& sandbox, const Place& place, const std::vector<std::string>& exclude,
                const std::string& cursor, const Limits& limits, const Watch& watch);

/// Full paths that match the pattern, one a line, or "No matches found".
TextAnswer search(const Sandbox& sandbox, const Place& place, const std::string& pattern,
                  const std::vector<std::string>& exclude, const std::string& cursor,
                  const Limits& limits, const Watch& watch);

/// Size, times, kind and permissions as lines.
std::string info(const Place& place);

}  // namespace fairlead::filesystem
