#include <mcp/schema/content.h>

#include <mcp/base/base64.h>
#include <mcp/base/json.h>

namespace mcp::schema {
namespace {

bool is_base64(std::string_view text) {
  return base64_decode(text).has_value();
}

bool is_json(std::string_view text) {
  return Json::accept(text);
}

bool is_json_in_base64(std::string_view text) {
  const auto bytes = base64_decode(text);
  return bytes && Json::accept(bytes->begin(), bytes->end());
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
