#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

// The regular expressions of JSON Schema are ECMA-262's; RE2 runs them in linear time. The two
// differ in spelling (\cX, \uXXXX, long property names), in meaning (`.`, \s), and in what RE2
// leaves out because it can't be linear (look-around, back-references).

namespace mcp::schema {

/// A pattern that is malformed or that RE2 can't express.
class PatternError : public std::runtime_error {
 public:
  PatternError(const std::string& message, std::size_t position)
      : std::runtime_error(message), position_(position) {}
  /// In code points from the start of the pattern.
  std::size_t position() const noexcept { return position_; }

 private:
  std::size_t position_;
};

/// The same expression in RE2's syntax. Throws PatternError.
std::string to_re2_syntax(std::string_view pattern);

/// Whether `text` is an ECMA-262 regular expression (what RE2 can't express included).
bool is_ecma_regex(std::string_view text);

}  // namespace mcp::schema
