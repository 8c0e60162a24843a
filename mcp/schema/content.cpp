#include <mcp/schema/content.h>

#include <algorithm>
#include <string>

#include <mcp/base/base64.h>
#include <mcp/base/json.h>
#include <mcp/base/number_text.h>

namespace mcp::schema {
namespace {

bool is_base64(std::string_view text) {
  return base64_decode(text).has_value();
}

// The text with every number replaced by 0: the parser refuses what no double can hold, JSON does
// not.
std::string with_small_numbers(std::string_view text) {
  std::string out;
  bool inside_string = false;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    std::size_t end = at + 1;
    if (inside_string && c == '\\' && end < text.size()) ++end;
    if (c == '"') inside_string = !inside_string;
    if (!inside_string && c != '"') {
      end = std::min(text.find_first_not_of("+-.0123456789eE", at), text.size());
      if (is_json_number(text.substr(at, end - at))) {
        out += '0';
        at = end;
        continue;
      }
      end = std::max(end, at + 1);
    }
    out += text.substr(at, end - at);
    at = end;
  }
  return out;
}

bool is_json(std::string_view text) {
  return Json::accept(with_small_numbers(text));
}

bool is_json_in_base64(std::string_view text) {
  const auto bytes = base64_decode(text);
  return bytes && is_json({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
}

constexpr Content base64 = {"contentEncoding", is_base64, "Base64 (RFC 4648, with padding)"};
constexpr Content json = {"contentMediaType", is_json, "JSON"};
constexpr Content json_in_base64 = {"contentMediaType", is_json_in_base64, "JSON in Base64"};

}  // namespace

const Content* find_content(std::string_view encoding, std::string_view media_type) noexcept {
  const bool is_known = encoding == "base64";
  if (!encoding.empty() && !is_known) return nullptr;
  if (media_type == "application/json") return is_known ? &json_in_base64 : &json;
  return is_known ? &base64 : nullptr;
}

}  // namespace mcp::schema
