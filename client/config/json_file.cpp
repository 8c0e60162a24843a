#include <stdexcept>
#include <string>

#include <client/config/json_file.h>

namespace fairlead::agent {

OrderedJson parse_config_json(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  constexpr int max_depth = 128;
  const auto bound = [](int depth, OrderedJson::parse_event_t, OrderedJson&) {
    if (depth > max_depth) throw std::invalid_argument("nested more than 128 levels deep");
    return true;
  };
  try {
    return OrderedJson::parse(text, bound);
  } catch (const OrderedJson::exception& error) {
    std::string why = error.what();
    // "[json.exception.parse_error.101] parse error at line 3, column 7: syntax error …"
    if (const std::size_t at = why.find("] "); at != std::string::npos) why.erase(0, at + 2);
    throw std::invalid_argument(why);
  }
}

}  // namespace fairlead::agent
