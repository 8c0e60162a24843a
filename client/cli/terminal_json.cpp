#include <algorithm>
#include <array>

#include <client/cli/terminal_json.h>
#include <client/model/foreign_json.h>
#include <mcp/base/utf8.h>

namespace fairlead::agent {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// Unicode's categories Cc, Cf, Zl and Zp, past ASCII's controls (those JSON escapes by itself).
constexpr std::array<Range, 22> unseen = {{
    {0x7F, 0x9F},       {0xAD, 0xAD},       {0x600, 0x605},     {0x61C, 0x61C},
    {0x6DD, 0x6DD},     {0x70F, 0x70F},     {0x890, 0x891},     {0x8E2, 0x8E2},
    {0x180E, 0x180E},   {0x200B, 0x200F},   {0x2028, 0x202E},   {0x2060, 0x2064},
    {0x2066, 0x206F},   {0xFEFF, 0xFEFF},   {0xFFF9, 0xFFFB},   {0x110BD, 0x110BD},
    {0x110CD, 0x110CD}, {0x13430, 0x1343F}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A},
    {0xE0001, 0xE0001}, {0xE0020, 0xE007F},
}};

bool is_unseen(char32_t c) {
  return std::any_of(unseen.begin(), unseen.end(),
                     [c](const Range& range) { return c >= range.first && c <= range.last; });
}

/// `bytes` is the valid encoding of one code point.
char32_t code_point(std::string_view bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  if (bytes.size() == 1) return byte(0);
  char32_t c = byte(0) & (0xFFU >> (bytes.size() + 1));
  for (std::size_t i = 1; i < bytes.size(); ++i) c = c << 6 | (byte(i) & 0x3FU);
  return c;
}

void append_escape(char32_t unit, std::string& out) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += digits[unit >> shift & 0xF];
}

}  // namespace

std::string escape_unseen(std::string_view json_text) {
  std::string out;
  out.reserve(json_text.size());
  while (!json_text.empty()) {
    const mcp::Utf8Step step = mcp::utf8_step(json_text);
    const std::string_view bytes = json_text.substr(0, step.length);
    json_text.remove_prefix(step.length);
    const char32_t c = step.valid ? code_point(bytes) : U'\uFFFD';
    if (!is_unseen(c)) {
      out += bytes;
    } else if (c < 0x10000) {
      append_escape(c, out);
    } else {
      append_escape(0xD800 + ((c - 0x10000) >> 10), out);
      append_escape(0xDC00 + ((c - 0x10000) & 0x3FF), out);
    }
  }
  return out;
}

std::string terminal_json_line(const Json& json) {
  return escape_unseen(to_wire(json));
}

std::string terminal_json(const Json& json) {
  const std::string line = terminal_json_line(json);
  std::string out;
  std::size_t depth = 0;
  bool in_string = false;
  const auto new_line = [&] { out.append("\n").append(2 * depth, ' '); };
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool closes = c == '}' || c == ']';
    const bool empty = i > 0 && (line[i - 1] == '{' || line[i - 1] == '[');
    if (!in_string && closes) {
      --depth;
      if (!empty) new_line();
    }
    out += c;
    if (in_string) {
      if (c == '\\') out += line[++i];
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
      if (line[i + 1] != '}' && line[i + 1] != ']') new_line();
    } else if (c == ',') {
      new_line();
    } else if (c == ':') {
      out += ' ';
    }
  }
  return out;
}

}  // namespace fairlead::agent
