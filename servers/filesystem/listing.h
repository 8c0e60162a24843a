#pragma once

#include <functional>
#include <string>
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

/// The entries of an open directory in the order of their bytes, without "." and "..".
std::vector<Entry> entries_of(const Descriptor& directory, const Watch& watch);

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

/// Walks a directory, each one before what is in it. Links are not followed. What can't be opened
/// is left out. `after` is the path of an earlier walk's last entry, from which it goes on.
class TreeWalk {
 public:
  /// Gets the path relative to the beginning, and whether an earlier walk has seen the entry.
  using See = std::function<Next(const std::string& path, const Entry& entry, bool seen_before)>;
  /// After all that is in a directory into which the walk has gone.
  using Leave = std::function<void(const std::string& path)>;
  /// Before what is in a directory; the path of the first one is empty.
  using Enter = std::function<void(const std::string& path, const Descriptor& directory)>;

  TreeWalk(const Limits& limits, const Watch& watch) : limits_(limits), watch_(watch) {}
  /// False when it was stopped.
  bool run(const Place& place, const std::string& after, const See& see, const Leave& leave = {},
           const Enter& enter = {});
  /// The one that holds the entry that is seen.
  const Descriptor& directory() const { return *directory_; }
  /// Something lies deeper than allowed and was left out.
  bool was_too_deep() const { return too_deep_; }

 private:
  bool walk(const Descriptor& directory, const std::string& path, std::string after,
            std::size_t depth);

  const Limits& limits_;
  const Watch& watch_;
  const See* see_ = nullptr;
  const Leave* leave_ = nullptr;
  const Enter* enter_ = nullptr;
  const Descriptor* directory_ = nullptr;
  bool too_deep_ = false;
};

/// The tree as JSON text, as deep and as long as the limits allow.
TextAnswer tree(const Place& place, const std::vector<std::string>& exclude,
                const std::string& cursor, const Limits& limits, const Watch& watch);

/// Full paths that match the pattern, one a line, or "No matches found".
TextAnswer search(const Sandbox& sandbox, const Place& place, const std::string& pattern,
                  const std::vector<std::string>& exclude, const std::string& cursor,
                  const Limits& limits, const Watch& watch);

/// Size, times, kind and permissions as lines.
std::string info(const Place& place);

}  // namespace fairlead::filesystem
