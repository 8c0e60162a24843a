#pragma once

#include <string>
#include <string_view>

// Characters of protocols and grammars, which are ASCII whatever the locale says: <cctype> asks it,
// and is undefined for the bytes of UTF-8.

namespace mcp {

// Of bytes and of code points.
constexpr bool is_ascii_digit(auto c) noexcept {
  return c >= '0' && c <= '9';
}
constexpr bool is_ascii_letter(auto c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr bool is_ascii_alphanumeric(auto c) noexcept {
  return is_ascii_letter(c) || is_ascii_digit(c);
}
constexpr bool is_hex_digit(auto c) noexcept {
  return is_ascii_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
constexpr char ascii_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
inline std::string ascii_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = ascii_lower(c);
  return lower;
}

/// What names of headers, authentication schemes and their parameters are made of (RFC 9110,
/// section 5.6.2, "tchar").
constexpr bool is_http_token_character(char c) noexcept {
  return is_ascii_alphanumeric(c) ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

}  // namespace mcp
