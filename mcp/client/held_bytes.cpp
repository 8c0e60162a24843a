#include <mcp/client/held_bytes.h>

#include <string>

namespace mcp::client {

// As deep as the gate lets values be.
std::size_t held_bytes(const Json& value) {
  // A member is a node of a tree: its colour, three links and its name.
  constexpr std::size_t member_bytes = 4 * sizeof(void*) + sizeof(std::string);
  std::size_t bytes = sizeof(Json);
  if (const auto* text = value.get_ptr<const std::string*>()) {
    bytes += sizeof(std::string) + text->size();
  } else if (const auto* items = value.get_ptr<const Json::array_t*>()) {
    bytes += sizeof(Json::array_t);
    for (const Json& item : *items) bytes += held_bytes(item);
  } else if (const auto* members = value.get_ptr<const Json::object_t*>()) {
    bytes += sizeof(Json::object_t);
    for (const auto& [name, member] : *members) {
      bytes += member_bytes + name.size() + held_bytes(member);
    }
  } else if (const auto* binary = value.get_ptr<const Json::binary_t*>()) {
    bytes += binary->size();
  }
  return bytes;
}

}  // namespace mcp::client
