#include <client/cli/terminal_text.h>
#include <mcp/base/utf8.h>

namespace fairlead::agent {

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
    out += text[i];
  }
  return out;
}

std::string one_line(std::string_view text, std::size_t max_bytes) {
  std::string out = printable(text.substr(0, max_bytes * 4));
  for (char& c : out)
    if (c == '\n' || c == '\t') c = ' ';
  if (out.size() <= max_bytes) return out;
  return std::string(mcp::truncate_utf8(out, max_bytes)) + "…";
}

}  // namespace fairlead::agent
