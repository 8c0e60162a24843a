#include "servers/filesystem/canonical_text.h"

#include <algorithm>
#include <cstdint>

#include <mcp/base/utf8.h>

#include "servers/filesystem/canonical_table.h"

namespace fairlead::filesystem {
namespace {

std::uint8_t class_of(char32_t code) {
  const auto range = std::lower_bound(
      combining_ranges.begin(), combining_ranges.end(), code,
      [](const CombiningRange& each, char32_t wanted) { return each.last < wanted; });
  return range != combining_ranges.end() && range->first <= code ? range->combining_class : 0;
}

void decompose(char32_t code, std::u32string& out) {
  // Hangul syllables are computed; Unicode, chapter 3.12.
  constexpr char32_t first_syllable = 0xAC00;
  constexpr char32_t syllables = 11'172;
  constexpr char32_t vowels = 21;
  constexpr char32_t finals = 28;
  if (code >= first_syllable && code < first_syllable + syllables) {
    const char32_t index = code - first_syllable;
    out += static_cast<char32_t>(0x1100 + index / (vowels * finals));
    out += static_cast<char32_t>(0x1161 + index / finals % vowels);
    if (index % finals != 0) out += static_cast<char32_t>(0x11A7 + index % finals);
    return;
  }
  const auto found = std::lower_bound(
      decompositions.begin(), decompositions.end(), code,
      [](const Decomposition& each, char32_t wanted) { return each.whole < wanted; });
  if (found == decompositions.end() || found->whole != code) {
    out += code;
    return;
  }
  decompose(found->first, out);
  if (found->second != 0) decompose(found->second, out);
}

/// Marks into the order of their classes, each run of them for itself.
void order_marks(std::u32string& text) {
  for (auto begin = text.begin(); begin != text.end();) {
    if (class_of(*begin) == 0) {
      ++begin;
      continue;
    }
    const auto end = std::find_if(begin, text.end(), [](char32_t c) { return class_of(c) == 0; });
    std::stable_sort(begin, end, [](char32_t a, char32_t b) { return class_of(a) < class_of(b); });
    begin = end;
  }
}

char32_t code_point(std::string_view bytes) {
  if (bytes.size() == 1) return static_cast<unsigned char>(bytes[0]);
  auto code = static_cast<char32_t>(static_cast<unsigned char>(bytes[0]) & (0x7FU >> bytes.size()));
  for (const char next : bytes.substr(1))
    code = code << 6U | (static_cast<unsigned char>(next) & 0x3FU);
  return code;
}

}  // namespace

std::string decomposed(std::string_view text) {
  const bool ascii = std::all_of(text.begin(), text.end(), [](char c) { return c >= 0; });
  if (ascii || !mcp::is_valid_utf8(text)) return std::string(text);
  std::u32string codes;
  while (!text.empty()) {
    const std::size_t length = mcp::utf8_step(text).length;
    decompose(code_point(text.substr(0, length)), codes);
    text.remove_prefix(length);
  }
  order_marks(codes);
  std::string result;
  for (const char32_t code : codes) mcp::append_utf8(code, result);
  return result;
}

}  // namespace fairlead::filesystem
