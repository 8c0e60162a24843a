#include "servers/websearch/sections.h"

#include <algorithm>
#include <charconv>

#include "servers/websearch/character.h"

namespace fairlead::websearch {
namespace {

// `[text](url)` becomes its text, and marks go.
std::string plain(std::string_view heading) {
  std::string out;
  for (std::size_t i = 0; i < heading.size(); ++i) {
    const char c = heading[i];
    if (c == '\\' && i + 1 < heading.size()) {
      out += heading[++i];
    } else if (c == ']' && i + 1 < heading.size() && heading[i + 1] == '(') {
      i = std::min(heading.find(')', i), heading.size() - 1);
    } else if (c != '*' && c != '`' && c != '[' && !(c == '!' && heading.substr(i + 1, 1) == "[")) {
      out += c;
    }
  }
  return collapsed(out);
}

std::size_t bytes_of(std::string_view text, std::size_t characters) {
  std::size_t at = 0;
  while (at < text.size()) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U && characters-- == 0) break;
    ++at;
  }
  return at;
}

std::size_t character_count(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

}  // namespace

std::vector<Heading> headings_of(std::string_view markdown) {
  std::vector<Heading> headings;
  std::string_view fence;
  for (std::size_t at = 0; at < markdown.size();) {
    const std::size_t end = std::min(markdown.find('\n', at), markdown.size());
    const std::string_view line = markdown.substr(at, end - at);
    const std::size_t marks = std::min(line.find_first_not_of('`'), line.size());
    if (!fence.empty()) {
      if (marks >= fence.size() && trimmed(line.substr(marks)).empty()) fence = {};
    } else if (marks >= 3) {
      fence = line.substr(0, marks);
    } else {
      const std::size_t level = std::min(line.find_first_not_of('#'), line.size());
      if (level >= 1 && level <= 6 && level < line.size() && line[level] == ' ') {
        headings.push_back({static_cast<int>(level), plain(line.substr(level)), at});
      }
    }
    at = end + 1;
  }
  return headings;
}

std::optional<std::string_view> section_of(std::string_view markdown, std::string_view name) {
  const auto headings = headings_of(markdown);
  std::size_t found = headings.size();
  std::size_t number = 0;
  const std::string wanted = to_lower(collapsed(name));
  if (wanted.empty()) return std::nullopt;
  const auto [end, error] =
      std::from_chars(wanted.data() + 1, wanted.data() + wanted.size(), number);
  if (wanted.front() == '#' && error == std::errc{} && end == wanted.data() + wanted.size()) {
    if (number == 0 || number > headings.size()) return std::nullopt;
    found = number - 1;
  } else {
    const auto look = [&](const auto& fits) {
      for (std::size_t i = 0; i < headings.size() && found == headings.size(); ++i) {
        if (fits(to_lower(headings[i].text))) found = i;
      }
    };
    look([&](const std::string& text) { return text == wanted; });
    look([&](const std::string& text) { return text.starts_with(wanted); });
    look([&](const std::string& text) { return text.find(wanted) != std::string::npos; });
  }
  if (found >= headings.size()) return std::nullopt;
  std::size_t until = markdown.size();
  for (std::size_t i = found + 1; i < headings.size(); ++i) {
    if (headings[i].level > headings[found].level) continue;
    until = headings[i].offset;
    break;
  }
  std::string_view section =
      markdown.substr(headings[found].offset, until - headings[found].offset);
  while (!section.empty() && is_space(section.back())) section.remove_suffix(1);
  return section;
}

Piece piece_of(std::string_view text, std::size_t start, std::size_t max_length) {
  Piece piece{.text = {}, .total = character_count(text)};
  const std::size_t from = bytes_of(text, start);
  text.remove_prefix(from);
  piece.text = text.substr(0, bytes_of(text, max_length));
  if (piece.text.size() < text.size()) piece.next = start + max_length;
  return piece;
}

}  // namespace fairlead::websearch
