#pragma once

#include <sys/stat.h>

#include <string>
#include <vector>

#include "servers/filesystem/descriptor.h"

namespace fairlead::filesystem {

/// How paths are followed. Both keep inside; the kernel's way takes one system call.
enum class Following {
  kernel,  ///< openat2 with RESOLVE_BENEATH; step by step where there is a link, or no openat2
  step_by_step,  ///< one openat with O_NOFOLLOW for each component
};

/// Which symbolic links are followed, as long as they end in an allowed directory.
enum class Links {
  never,   ///< none: a path with a link in it is refused
  named,   ///< those in paths that callers name
  inside,  ///< those, and links to directories that a tree or search meets
};

/// A directory whose contents may be used.
struct AllowedDirectory {
  std::string given;  ///< absolute, as the operator wrote it
  std::string real;   ///< without symbolic links
  Descriptor descriptor;
};

/// Where a path leads: a name in a directory that is held open. What is done with it is done with
/// `directory` and `name` and O_NOFOLLOW, never with a path: nobody can exchange a part of the path
/// between the check and the use.
struct Place {
  Descriptor directory;
  std::string name;       ///< no link, no slash; "." for an allowed directory itself
  std::string real_path;  ///< for messages only
  bool exists = false;
  struct stat status = {};  ///< of the name when it exists
  /// Directories that are missing between `directory` and the last component. `name` is the first
  /// of them when there are any, and the last component is the last of these.
  std::vector<std::string> missing_below = {};

  bool is_allowed_directory() const { return name == "."; }
};

/// Keeps all access within some directories. Links are followed as long as they end inside.
/// Thread-safe; nothing changes after construction.
class Sandbox {
 public:
  /// `directories` must be open.
  explicit Sandbox(std::vector<AllowedDirectory> directories,
                   Following following = Following::kernel, Links links = Links::named);

  /// What is left of it when only what lies in one of these absolute paths counts, too; perhaps
  /// nothing. Paths that lead elsewhere are left out.
  Sandbox narrowed_to(const std::vector<std::string>& paths) const;

  /// Follows a path of the caller: absolute, or relative to the first allowed directory, "~" is the
  /// home directory. Throws Failure when it leads outside or can't be followed.
  Place find(const std::string& requested) const;

  /// As `find`, but a link at the end is not followed: `name` is the link.
  Place find_link(const std::string& requested) const;

  /// The allowed directory that holds this path, by its words. Throws Failure when there is none.
  Place root_of(const std::string& absolute_path) const;

  /// Both forms of each directory, the given one first.
  std::vector<std::string> directories() const;
  bool empty() const { return allowed_.empty(); }
  /// Whether walks go into directories that links lead to.
  bool walks_links() const { return links_ == Links::inside; }

 private:
  struct Start {
    const AllowedDirectory* directory;
    std::vector<std::string> components;
  };

  bool locate(const std::string& absolute, Start& start) const;
  Place follow(const std::string& requested, bool last_link) const;
  bool follow_in_kernel(const Start& start, bool last_link, Place& place) const;
  Place follow_step_by_step(const Start& start, const std::string& requested, bool last_link) const;

  std::vector<AllowedDirectory> allowed_;
  Following following_;
  Links links_;
};

/// Opens a directory; throws Failure when it is none, or can't be opened. `path` is for messages.
/// The result stands for itself only: it is not followed when it is a link by now.
AllowedDirectory open_allowed_directory(const std::string& path);

/// Opens what `find` has found. Only regular files: a FIFO would block, a device may do anything.
Descriptor open_regular_file(const Place& place);
/// The same for a name in an open directory that a walk took for a file, with its status. `path` is
/// for messages.
Descriptor open_regular_file(const Descriptor& directory, const std::string& name,
                             const std::string& path, struct stat& status);
Descriptor open_directory(const Place& place);

}  // namespace fairlead::filesystem
