#pragma once

#include <cstdint>
#include <optional>

#include "servers/filesystem/limits.h"
#include "servers/filesystem/sandbox.h"

namespace fairlead::filesystem {

struct NumberedLines {
  TextAnswer answer;
  std::uint64_t shown = 0;
  /// Of the file; nothing when counting them would take too long.
  std::optional<std::uint64_t> total = {};
};

/// `count` lines from `first` on (the first line of a file is 1), each after its number and a tab.
/// A line break at the end of the file ends a line and does not begin another. The cursor of an
/// answer that was cut is the number of the next line. Throws Failure for what is no text.
NumberedLines read_lines(const Place& place, std::uint64_t first, std::uint64_t count,
                         const Limits& limits, const Watch& watch);

}  // namespace fairlead::filesystem
