#include <stdexcept>

#include <client/model/foreign_json.h>

namespace fairlead::agent {

Json parse_foreign_json(std::string_view text) {
  constexpr int max_depth = 128;
  const auto bound = [](int depth, Json::parse_event_t, Json&) {
    // Serialising a deeper value would recurse as deep as the sender likes.
    if (depth > max_depth) throw std::invalid_argument("nested more than 128 levels deep");
    return true;
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

std::string to_wire(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
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
