#pragma once

#include <optional>
#include <string>
#include <vector>

#include "servers/filesystem/limits.h"
#include "servers/filesystem/sandbox.h"

namespace fairlead::filesystem {

/// What a walk through the files takes and leaves out.
struct Selection {
  /// Of the path below the beginning; without a slash of the name alone. Empty: everything.
  std::vector<std::string> include = {};
  std::vector<std::string> exclude = {};
  bool honour_gitignore = true;
};

enum class Wanted { any, files, directories };

/// Full paths of what is selected, one a line, or "No matches found".
TextAnswer find_files(const Sandbox& sandbox, const Place& place, const Selection& selection,
                      Wanted wanted, const std::string& cursor, const Limits& limits,
                      const Watch& watch);

struct ContentQuery {
  std::string pattern;  ///< RE2's notation, or a text when `literal`
  bool literal = false;
  bool ignore_case = false;
  std::size_t context_lines = 0;  ///< before and after each line that matches
};

/// The lines that match, `path:line:text` each, with those around them as `path-line-text` and "--"
/// where some are left out. Files that are no text are passed over. Throws Failure for a wrong
/// pattern.
TextAnswer search_content(const Sandbox& sandbox, const Place& place, const ContentQuery& query,
                          const Selection& selection, const std::string& cursor,
                          const Limits& limits, const Watch& watch);

}  // namespace fairlead::filesystem
