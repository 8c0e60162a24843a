#pragma once

#include <string>
#include <vector>

#include "servers/filesystem/glob.h"
#include "servers/filesystem/limits.h"
#include "servers/filesystem/sandbox.h"

namespace fairlead::filesystem {

/// The rules of the .gitignore files on the way to a directory, and `.git` itself.
class Ignore {
 public:
  /// Reads the .gitignore of a directory that is entered, if it has one. `path` is absolute.
  void enter(const Descriptor& directory, const std::string& path, const Watch& watch);
  /// Forgets the rules of the directory that is left, and of those below it.
  void leave(const std::string& path);
  /// The last rule that matches decides. `path` is absolute.
  bool ignores(const std::string& path, bool is_directory) const;

 private:
  struct Rule {
    Glob glob;
    bool takes_back;
    bool directories_only;
  };
  struct Rules {
    std::string directory;
    std::vector<Rule> rules;
  };
  static void add_line(std::string line, Rules& rules);

  std::vector<Rules> all_;
};

}  // namespace fairlead::filesystem
