#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "servers/filesystem/directory_entries.h"
#include "servers/filesystem/limits.h"
#include "servers/filesystem/sandbox.h"

namespace fairlead::filesystem {

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

}  // namespace fairlead::filesystem
