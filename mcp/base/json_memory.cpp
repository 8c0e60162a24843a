#include <mcp/base/json_memory.h>

#include <string>

namespace mcp {

std::size_t held_bytes(const Json& value) {
  std::size_t bytes = held::value;
  if (const auto* text = value.get_ptr<const std::string*>()) {
    bytes += held::text(text->size());
  } else if (const auto* items = value.get_ptr<const Json::array_t*>()) {
    bytes += held::array + (items->capacity() - items->size()) * held::value;
    for (const Json& item : *items) bytes += held_bytes(item);
  } else if (const auto* members = value.get_ptr<const Json::object_t*>()) {
    bytes += held::object;
    for (const auto& [name, member] : *members)
      bytes += held::member(name.size()) + held_bytes(member);
  } else if (const auto* binary = value.get_ptr<const Json::binary_t*>()) {
    bytes += held::block(sizeof(Json::binary_t)) + held::block(binary->size());
  }
  return bytes;
}

void release(Json& value) noexcept {
  if (auto* items = value.get_ptr<Json::array_t*>()) {
    for (Json& item : *items) release(item);
    items->clear();
  } else if (auto* members = value.get_ptr<Json::object_t*>()) {
    for (auto& [name, member] : *members) release(member);
    members->clear();
  }
  value = nullptr;
}

}  // namespace mcp
