#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates, nothing past U+10FFFF.
// All functions are thread-safe.

namespace mcp {

/// What stands at a place of a text: a code point's encoding, or bytes that encode nothing.
struct Utf8Step {
  std::size_t
      length;  ///< in bytes, at least 1; for an invalid place the part to be replaced by one U+FFFD
  bool valid;
};

/// Looks at the first byte of `text` and what belongs to it. `text` must not be empty.
Utf8Step utf8_step(std::string_view text) noexcept;

/// The length in bytes of the longest valid beginning of `text`.
std::size_t valid_utf8_prefix(std::string_view text) noexcept;

bool is_valid_utf8(std::string_view text) noexcept;

/// `text` with every invalid part replaced by U+FFFD (one per maximal subpart, as Unicode advises).
std::string replace_invalid_utf8(std::string_view text);

/// The number of code points in valid UTF-8.
std::size_t code_point_count(std::string_view text) noexcept;

/// The longest beginning of valid UTF-8 of at most `max_bytes` bytes that cuts no code point.
std::string_view truncate_utf8(std::string_view text, std::size_t max_bytes) noexcept;

/// Appends one code point; what is no Unicode scalar value is appended as U+FFFD.
void append_utf8(char32_t code_point, std::string& out);

}  // namespace mcp
