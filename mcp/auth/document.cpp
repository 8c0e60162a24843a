#include <mcp/auth/auth_error.h>
#include <mcp/auth/document.h>
#include <mcp/jsonrpc/codec.h>
#include <mcp/jsonrpc/strict_reader.h>

namespace mcp::auth {
namespace {

[[noreturn]] void refuse(std::string_view what, const std::string& why) {
  throw AuthError(std::string(what) + " " + why);
}

}  // namespace

Json parse_document(std::string_view bytes, std::string_view what, std::size_t max_bytes) {
  if (bytes.size() > max_bytes)
    refuse(what, "is larger than " + std::to_string(max_bytes) + " bytes");
  jsonrpc::CodecLimits limits;
  limits.message_bytes = max_bytes;
  limits.depth = 32;
  limits.values = 20'000;
  jsonrpc::Reading reading = jsonrpc::read_strictly(bytes, limits);
  if (reading.error) refuse(what, "is no JSON document that can be accepted");
  if (!reading.duplicates.empty()) refuse(what, "names a member twice");
  if (!reading.value.is_object()) refuse(what, "is no JSON object");
  return std::move(reading.value);
}

std::optional<std::string> text_member(const Json& object, const char* name,
                                       std::string_view what) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return std::nullopt;
  if (!found->is_string()) refuse(what, "has a \"" + std::string(name) + "\" that is no text");
  return found->get<std::string>();
}

std::string required_text(const Json& object, const char* name, std::string_view what) {
  auto text = text_member(object, name, what);
  if (!text || text->empty()) refuse(what, "has no \"" + std::string(name) + "\"");
  return *std::move(text);
}

std::optional<std::vector<std::string>> texts_member(const Json& object, const char* name,
                                                     std::string_view what) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return std::nullopt;
  const auto wrong = [&] {
    refuse(what, "has a \"" + std::string(name) + "\" that is no array of at most 1000 texts");
  };
  if (!found->is_array() || found->size() > 1000) wrong();
  std::vector<std::string> texts;
  for (const Json& item : *found) {
    if (!item.is_string()) wrong();
    texts.push_back(item.get<std::string>());
  }
  return texts;
}

bool true_member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

std::string printable(std::string_view text, std::size_t max_bytes) {
  std::string out;
  for (const char c : text.substr(0, max_bytes)) out += c >= 0x20 && c < 0x7F ? c : '?';
  if (text.size() > max_bytes) out += "...";
  return out;
}

}  // namespace mcp::auth
