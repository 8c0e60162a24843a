#include "servers/websearch/character.h"

#include <algorithm>

namespace fairlead::websearch {

std::string to_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = to_lower(c);
  return out;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return to_lower(x) == to_lower(y); });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::string collapsed(std::string_view text) {
  constexpr std::string_view no_break_space = "\xC2\xA0";
  std::string out;
  bool space = false;
  while (!text.empty()) {
    const bool no_break = text.starts_with(no_break_space);
    if (no_break || is_space(text.front())) {
      space = !out.empty();
      text.remove_prefix(no_break ? 2 : 1);
      continue;
    }
    if (space) out += ' ';
    space = false;
    out += text.front();
    text.remove_prefix(1);
  }
  return out;
}

}  // namespace fairlead::websearch
