#pragma once

#include <string>
#include <string_view>

// ASCII characters, whatever the locale; HTML's and HTTP's grammars know no others.

namespace fairlead::websearch {

constexpr bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}
constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
constexpr bool is_letter(char c) {
  return to_lower(c) >= 'a' && to_lower(c) <= 'z';
}
std::string to_lower(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);
std::string_view trimmed(std::string_view text);
/// Runs of white space (the no-break space too) become one space, none stays at the ends.
std::string collapsed(std::string_view text);

}  // namespace fairlead::websearch
