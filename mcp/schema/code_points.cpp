#include <mcp/schema/code_points.h>

#include <mcp/base/utf8.h>

namespace mcp::schema {

std::optional<char32_t> next_code_point(std::string_view text, std::size_t& at) noexcept {
  const Utf8Step step = utf8_step(text.substr(at));
  if (!step.valid) return std::nullopt;
  const auto lead = static_cast<unsigned char>(text[at]);
  char32_t code = step.length == 1 ? lead : lead & (0x7FU >> step.length);
  for (std::size_t i = 1; i < step.length; ++i)
    code = code << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3F);
  at += step.length;
  return code;
}

std::optional<std::u32string> to_code_points(std::string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto code = next_code_point(text, at);
    if (!code) return std::nullopt;
    out += *code;
  }
  return out;
}

std::string to_utf8(std::u32string_view text) {
  std::string out;
  for (char32_t c : text) append_utf8(c, out);
  return out;
}

}  // namespace mcp::schema
