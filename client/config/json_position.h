#pragma once

#include <cstddef>
#include <string_view>

namespace fairlead::agent {

struct TextPosition {
  std::size_t line = 1;
  std::size_t column = 1;  ///< in code points
};

/// Where the value that `pointer` (RFC 6901) leads to starts in `text`, which must be valid JSON;
/// for a pointer that leads nowhere, where the last value on its way starts.
TextPosition position_of(std::string_view text, std::string_view pointer);

}  // namespace fairlead::agent
