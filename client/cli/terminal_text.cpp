#include <client/cli/terminal_text.h>
#include <client/model/foreign_text.h>
#include <mcp/base/utf8.h>

namespace fairlead::agent {
namespace {

/// How many bytes at the begin of `text` are a character that must not reach a terminal: marks,
/// embeddings, overrides and isolates of direction, line and paragraph separators.
std::size_t invisible_prefix(std::string_view text) {
  if (text.starts_with("\xD8\x9C")) return 2;  // U+061C
  if (text.size() < 3 || text[0] != '\xE2') return 0;
  const auto last = static_cast<unsigned char>(text[2]);
  const bool marks = text[1] == '\x80' && (last == 0x8E || last == 0x8F);   // U+200E, U+200F
  const bool lines = text[1] == '\x80' && last >= 0xA8 && last <= 0xAE;     // U+2028 to U+202E
  const bool isolates = text[1] == '\x81' && last >= 0xA6 && last <= 0xA9;  // U+2066 to U+2069
  return marks || lines || isolates ? 3 : 0;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F) continue;
    // U+0080 to U+009F are controls too, in two bytes.
    if (byte == 0xC2 && i + 1 < text.size() && (static_cast<unsigned char>(text[i + 1]) < 0xA0)) {
      ++i;
      continue;
    }
    if (const std::size_t invisible = invisible_prefix(text.substr(i)); invisible > 0) {
      i += invisible - 1;
      continue;
    }
    out += text[i];
  }
  return out;
}

std::string one_line(std::string_view text, std::size_t max_bytes) {
  std::string out = printable(text.substr(0, max_bytes * 4));
  for (char& c : out)
    if (c == '\n' || c == '\t') c = ' ';
  // What was not even looked at is missing, too.
  if (out.size() <= max_bytes && text.size() <= max_bytes * 4) return out;
  return std::string(mcp::truncate_utf8(out, max_bytes)) + "…";
}

std::string marked_lines(std::string_view text) {
  std::string out = "  | ";
  for (const char c : printable(shortened(text, 8 * 1024))) {
    out += c;
    if (c == '\n') out += "  | ";
  }
  return out;
}

std::string error_text(std::string_view text) {
  return printable(shortened(text));
}

}  // namespace fairlead::agent
