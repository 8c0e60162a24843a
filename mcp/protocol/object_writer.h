#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <mcp/base/json.h>
#include <mcp/protocol/revision.h>

// How this room writes JSON. Not for other rooms.

namespace mcp::protocol {

/// Builds an object member by member; much cheaper than nlohmann's initializer lists.
class ObjectWriter {
 public:
  ObjectWriter& set(const char* name, Json value) {
    members_.emplace(name, std::move(value));
    return *this;
  }
  /// Left out when empty.
  ObjectWriter& text(const char* name, std::string value) {
    if (!value.empty()) set(name, std::move(value));
    return *this;
  }
  template <class T>
  ObjectWriter& optional(const char* name, const std::optional<T>& value) {
    if (value) set(name, *value);
    return *this;
  }
  /// Left out when false.
  ObjectWriter& flag(const char* name, bool value) {
    if (value) set(name, true);
    return *this;
  }
  /// Left out when null.
  ObjectWriter& object(const char* name, Json value) {
    if (!value.is_null()) set(name, std::move(value));
    return *this;
  }
  template <class T>
  ObjectWriter& list(const char* name, const std::vector<T>& items, Revision revision) {
    Json::array_t array;
    array.reserve(items.size());
    for (const T& item : items) array.push_back(to_json(item, revision));
    return set(name, std::move(array));
  }
  /// Left out when empty.
  template <class T>
  ObjectWriter& optional_list(const char* name, const std::vector<T>& items, Revision revision) {
    if (!items.empty()) list(name, items, revision);
    return *this;
  }
  ObjectWriter& optional_texts(const char* name, const std::vector<std::string>& texts) {
    if (!texts.empty()) set(name, texts);
    return *this;
  }
  /// `_meta` of a request, notification or result.
  ObjectWriter& meta(const Json& meta) { return object("_meta", meta); }
  /// `_meta` of anything else.
  ObjectWriter& item_meta(const Json& meta, Revision revision) {
    return has_item_meta(revision) ? object("_meta", meta) : *this;
  }
  /// The object; the writer is empty then.
  Json take() { return Json(std::move(members_)); }

 private:
  Json::object_t members_;
};

}  // namespace mcp::protocol
