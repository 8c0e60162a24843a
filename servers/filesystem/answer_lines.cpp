#include "servers/filesystem/answer_lines.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include <mcp/base/utf8.h>

namespace fairlead::filesystem {

void append_one_line(std::string& text, std::string_view name) {
  if (std::all_of(name.begin(), name.end(), [](char c) { return c >= 0x20 && c < 0x7f; })) {
    text += name;  // as nearly all are
    return;
  }
  for (const char c : mcp::replace_invalid_utf8(name)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
      text += c;
    } else if (c == '\n') {
      text += "\\n";
    } else {
      std::array<char, 8> code{};
      std::snprintf(code.data(), code.size(), "\\x%02x", static_cast<unsigned>(byte));
      text += code.data();
    }
  }
}

std::string one_line(std::string_view name) {
  std::string line;
  append_one_line(line, name);
  return line;
}

bool Lines::add(std::string_view line) {
  if (count_ > 0 && (count_ >= limits_.max_entries ||
                     answer_.text.size() + line.size() + 1 > limits_.max_read_bytes)) {
    return false;
  }
  if (count_++ > 0) answer_.text += '\n';
  answer_.text += line;
  return true;
}

void Lines::note_more() {
  answer_.truncated = true;
  answer_.note = "Truncated after " + std::to_string(count_) + " entries.";
}

}  // namespace fairlead::filesystem
