#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fairlead::filesystem {

struct Edit {
  std::string old_text;
  std::string new_text;
  bool replace_all = false;
  std::optional<std::uint64_t> expected_count = {};  ///< of places, all of which are replaced
};

/// A text before and after. `before` and `after` have "\n" for every line break, for a diff;
/// `bytes` is what belongs into the file, with the line breaks that the file had.
struct Edited {
  std::string before;
  std::string after;
  std::string bytes;
};

/// Does the edits one after the other. A text that is not found as it is may match whole lines that
/// differ in the white space at their ends only; their indentation is kept then. Lines that are not
/// touched keep their line breaks, new ones get the line break of what they replace. Throws Failure
/// when an edit is not found, or found more often than it says.
Edited apply_edits(const std::string& content, const std::vector<Edit>& edits);

}  // namespace fairlead::filesystem
