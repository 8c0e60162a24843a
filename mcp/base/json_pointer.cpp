#include <mcp/base/json_pointer.h>

namespace mcp {

void append_json_pointer(std::string& pointer, std::string_view name) {
  pointer += '/';
  for (char c : name) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
}

void append_json_pointer(std::string& pointer, std::size_t index) {
  pointer += '/';
  pointer += std::to_string(index);
}

std::string escape_json_pointer(std::string_view name) {
  std::string out;
  append_json_pointer(out, name);
  out.erase(0, 1);
  return out;
}

}  // namespace mcp
