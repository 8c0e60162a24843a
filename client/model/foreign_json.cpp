#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <client/model/foreign_json.h>
#include <mcp/jsonrpc/codec.h>

namespace fairlead::agent {

namespace {

Json parse(std::string_view text, const Json::parser_callback_t& on_event) {
  constexpr int max_depth = 128;
  const auto bound = [&](int depth, Json::parse_event_t event, Json& value) {
    // Serialising a deeper value would recurse as deep as the sender likes.
    if (depth > max_depth) throw std::invalid_argument("nested more than 128 levels deep");
    return on_event == nullptr || on_event(depth, event, value);
  };
  try {
    return Json::parse(text, bound);
  } catch (const Json::parse_error& error) {
    std::string why = error.what();
    // "[json.exception.parse_error.101] parse error at line 1, column 2: …"
    if (const std::size_t at = why.find("] "); at != std::string::npos) why.erase(0, at + 2);
    throw std::invalid_argument(why);
  } catch (const Json::exception& error) {
    throw std::invalid_argument(error.what());
  }
}

}  // namespace

Json parse_foreign_json(std::string_view text) {
  return parse(text, nullptr);
}

Json parse_unambiguous_json(std::string_view text) {
  std::vector<std::set<std::string>> keys;  // of the objects that are open
  return parse(text, [&](int, Json::parse_event_t event, const Json& value) {
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key) {
      const auto& key = value.get_ref<const std::string&>();
      if (!keys.back().insert(key).second) {
        throw std::invalid_argument("the key \"" + key.substr(0, 100) + "\" stands there twice");
      }
    }
    return true;
  });
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
