#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

#include <client/model/foreign_json.h>
#include <mcp/jsonrpc/codec.h>

namespace fairlead::agent {

Json parse_foreign_json(std::string_view text) {
  auto decoded = mcp::jsonrpc::Decoder().decode_value(text);
  if (const auto* error = std::get_if<mcp::jsonrpc::ErrorObject>(&decoded))
    throw std::invalid_argument(error->message);
  return std::get<Json>(std::move(decoded));
}

std::string to_wire(const Json& json) {
  return mcp::jsonrpc::encode_value(json);
}

const Json& member(const Json& json, const char* name) {
  static const Json null;
  if (!json.is_object()) return null;
  const auto found = json.find(name);
  return found == json.end() ? null : *found;
}

std::string string_or_empty(const Json& json) {
  return json.is_string() ? json.get<std::string>() : std::string{};
}

std::uint64_t number_or_zero(const Json& json) {
  return json.is_number_unsigned() ? json.get<std::uint64_t>() : 0;
}

}  // namespace fairlead::agent
