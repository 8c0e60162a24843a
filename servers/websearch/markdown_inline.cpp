#include "servers/websearch/markdown_inline.h"

#include "servers/websearch/character.h"

namespace fairlead::websearch {
namespace {

constexpr std::string_view no_break_space = "\xC2\xA0";

bool is_word(char c) {
  return is_letter(c) || is_digit(c) || static_cast<unsigned char>(c) > 0x7F;
}

// Whether Markdown would take this character for a mark.
bool needs_escape(std::string_view text, std::size_t at) {
  const char c = text[at];
  const char before = at > 0 ? text[at - 1] : ' ';
  const char after = at + 1 < text.size() ? text[at + 1] : ' ';
  switch (c) {
    case '*':
    case '`':
      return !(is_space(before) && is_space(after));
    case '_':
      return !(is_word(before) && is_word(after)) && !(is_space(before) && is_space(after));
    case '\\':
      return std::string_view("\\`*_[]<>#").find(after) != std::string_view::npos;
    case '<':
      return is_letter(after) || after == '/' || after == '!';
    case ']':
      return after == '(' || after == '[';
    default:
      return false;
  }
}

// Where a line would begin a heading, list, quotation, fence or rule: the place of its escape.
std::size_t block_mark(std::string_view line) {
  if (line.empty()) return std::string_view::npos;
  const char first = line.front();
  const char second = line.size() > 1 ? line[1] : ' ';
  if (first == '>' || line.starts_with("~~~")) return 0;
  if ((first == '-' || first == '+') && second == ' ') return 0;
  if (line.starts_with("---") || line.starts_with("===")) return 0;
  if (first == '#') {
    const std::size_t end = line.find_first_not_of('#');
    if (end == std::string_view::npos || line[end] == ' ') return 0;
  }
  std::size_t digits = 0;
  while (digits < line.size() && is_digit(line[digits])) ++digits;
  if (digits > 0 && digits < 10 && digits + 1 < line.size() && line[digits + 1] == ' ' &&
      (line[digits] == '.' || line[digits] == ')')) {
    return digits;
  }
  return std::string_view::npos;
}

}  // namespace

void InlineText::space() {
  if (out_.empty()) {
    starts_with_space_ = true;
  } else if (out_.back() != '\n') {
    space_waits_ = true;
  }
}

void InlineText::text(std::string_view words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (is_space(words[i])) {
      space();
      continue;
    }
    if (words.substr(i).starts_with(no_break_space)) {
      space();
      ++i;
      continue;
    }
    if (space_waits_) out_ += ' ';
    space_waits_ = false;
    if (markup_ && needs_escape(words, i)) out_ += '\\';
    out_ += words[i];
  }
}

void InlineText::raw(std::string_view markdown) {
  if (markdown.empty()) return;
  if (space_waits_) out_ += ' ';
  space_waits_ = false;
  out_ += markdown;
}

void InlineText::line_break() {
  space_waits_ = false;
  if (out_.empty() || out_.ends_with("\n")) return;
  out_ += markup_ ? "  \n" : "\n";
}

void InlineText::marked(std::string_view mark, const InlineText& inner) {
  if (inner.starts_with_space_) space();
  if (inner.out_.empty()) return;
  std::string_view content = inner.out_;
  while (!content.empty() && is_space(content.back())) content.remove_suffix(1);
  if (content.empty()) return;
  // A mark within its own kind would end it.
  if (!markup_ || content.find(mark) != std::string_view::npos) {
    raw(content);
  } else {
    raw(std::string(mark) + std::string(content) + std::string(mark));
  }
  if (inner.space_waits_) space();
}

void InlineText::code(std::string_view text) {
  const std::string content = collapsed(text);
  if (content.empty()) return;
  if (!markup_) {
    if (is_space(text.front())) space();
    raw(content);
    if (is_space(text.back())) space();
    return;
  }
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const char c : content) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string fence(longest + 1, '`');
  const bool padded = content.front() == '`' || content.back() == '`';
  raw(fence + (padded ? " " : "") + content + (padded ? " " : "") + fence);
}

void InlineText::link(const InlineText& inner, const std::string& url) {
  if (inner.starts_with_space_) space();
  std::string content = inner.out_;
  while (!content.empty() && is_space(content.back())) content.pop_back();
  if (content.empty()) return;
  if (!markup_ || url.empty()) {
    raw(content);
  } else {
    for (std::size_t at = content.find('\n'); at != std::string::npos; at = content.find('\n')) {
      content[at] = ' ';
    }
    const bool wild = url.find_first_of("() <>") != std::string::npos;
    raw("[" + content + "](" + (wild ? "<" + url + ">" : url) + ")");
  }
  if (inner.space_waits_) space();
}

std::string InlineText::paragraph() const {
  std::string text = out_;
  while (!text.empty() && is_space(text.back())) text.pop_back();
  if (!markup_) return text;
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    const std::size_t mark = block_mark(line);
    if (mark != std::string_view::npos) line.insert(mark, 1, '\\');
    out += line;
    if (end < text.size()) out += '\n';
    at = end + 1;
  }
  return out;
}

}  // namespace fairlead::websearch
