#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace mcp::schema {

/// What can be told at once, of most values.
enum class Glance : std::uint8_t { fails, fits, undecided };

/// A table that decides a simple regular expression on ASCII text in about a nanosecond a
/// character; RE2, which serves every expression and every text, takes a tenth of a microsecond to
/// get going.
class AsciiMatcher {
 public:
  /// Nothing when `pattern` (a valid ECMA-262 expression) is not simple: it holds something other
  /// than ASCII characters, classes, groups, alternatives, repetitions and anchors, or its table
  /// would be large.
  static std::optional<AsciiMatcher> make(std::string_view pattern);

  /// Whether the expression matches anywhere in `text`; undecided when that depends on a character
  /// beyond ASCII.
  Glance matches(std::string_view text) const noexcept {
    const std::uint16_t* const next = next_.data();
    std::size_t row = start_;
    for (const char c : text) row = next[row + column_[static_cast<unsigned char>(c)]];
    row = next[row + columns_ - 1];
    return row == 0 ? Glance::fails : row == columns_ ? Glance::fits : Glance::undecided;
  }

 private:
  friend class AsciiMatcherBuilder;

  // Rows are told by where they begin in `next_`. The first three stay what they are: those of a
  // text that fails, of one that succeeds, and of one that RE2 must decide. The last two columns
  // are those of the characters beyond ASCII and of the text's end.
  std::array<std::uint8_t, 256> column_{};  // of a byte
  std::size_t columns_ = 0;
  std::uint16_t start_ = 0;
  std::vector<std::uint16_t> next_;  // the row after this row and this column
};

}  // namespace mcp::schema
