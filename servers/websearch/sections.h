#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::websearch {

/// A heading of a Markdown text (`#` to `######`, not inside fenced code).
struct Heading {
  int level = 1;
  std::string text;
  std::size_t offset = 0;  ///< in bytes, of its line
};
std::vector<Heading> headings_of(std::string_view markdown);

/// The part from the heading `name` up to the next one of its level or above. `name` is the
/// heading's text (letter case and marks do not count; the beginning or a part of it will do when
/// no heading is quite so called), or `#3` for the third heading. Nothing when there is none.
std::optional<std::string_view> section_of(std::string_view markdown, std::string_view name);

/// A piece of a text, counted in characters (code points).
struct Piece {
  std::string_view text;
  std::size_t total = 0;                 ///< characters of the whole
  std::optional<std::size_t> next = {};  ///< where the rest begins, when there is one
};
Piece piece_of(std::string_view text, std::size_t start, std::size_t max_length);

}  // namespace fairlead::websearch
