#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace mcp::schema {

/// A table that decides a simple regular expression on ASCII text in about a nanosecond a
/// character; RE2, which serves every expression and every text, takes a tenth of a microsecond to
/// get going.
class AsciiMatcher {
 public:
  /// Nothing when `pattern` (a valid ECMA-262 expression) is not simple: it holds something other
  /// than ASCII characters, classes, groups, alternatives, repetitions and anchors, or its table
  /// would be large.
  static std::optional<AsciiMatcher> make(std::string_view pattern);

  /// Whether the expression matches anywhere in `text`; nothing when that depends on a character
  /// beyond ASCII.
  std::optional<bool> matches(std::string_view text) const noexcept {
    std::size_t row = start_;
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte >= 128 && row > columns_) return std::nullopt;
      row = next_[row + column_[byte & 127U]];
    }
    return at_end_[row / columns_] != 0;
  }

 private:
  friend class AsciiMatcherBuilder;

  // Rows are told by where they begin in `next_`. The first two are those of a text that fails, and
  // of one that succeeds, whatever comes next.
  std::array<std::uint8_t, 128> column_{};  // of a character
  std::size_t columns_ = 0;
  std::uint16_t start_ = 0;
  std::vector<std::uint16_t> next_;   // the row after this row and this column
  std::vector<std::uint8_t> at_end_;  // whether the text may end in this row
};

}  // namespace mcp::schema
