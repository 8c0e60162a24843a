#pragma once

#include <sys/stat.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "servers/filesystem/descriptor.h"
#include "servers/filesystem/directory_entries.h"
#include "servers/filesystem/limits.h"

namespace fairlead::filesystem {

/// Remembers sorted names of the last directories that were listed, so that neither the next page
/// of a large one nor the same listing once more reads it all again. Only where a directory's
/// times tell for certain that it is still the same: on local file systems, and when its last
/// change was well before it was read. Thread-safe.
class RememberedNames {
 public:
  /// How many names are read at once, when fewer are asked for; `now` in seconds since 1970, for
  /// tests.
  explicit RememberedNames(std::size_t run = 16'384, std::function<std::int64_t()> now = {});

  /// Sorted names, and where in them those begin that were asked for.
  struct Page {
    std::shared_ptr<const DirectoryNames> names;
    std::size_t first;
  };
  /// Those after `after`: at least `count` of them, or all there are.
  Page page(const Descriptor& directory, const std::string& after, std::size_t count,
            const Watch& watch);

 private:
  /// Consecutive names of one directory, as long as it looks like this.
  struct Run {
    struct stat directory;
    std::string after;
    bool to_the_end;
    std::shared_ptr<const DirectoryNames> names;
  };

  bool find(const struct stat& directory, const std::string& after, std::size_t count, Page& page);
  void remember(Run run);

  const std::size_t run_;
  const std::function<std::int64_t()> now_;
  std::mutex mutex_;
  std::vector<Run> runs_;  // the latest at the end
};

}  // namespace fairlead::filesystem
