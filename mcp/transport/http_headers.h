#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mcp {

/// The header fields of one HTTP message in their order. Names that were received are in lower
/// case.
using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

/// The value of the first field of that (lower case) name; nullptr when there is none.
inline const std::string* find_header(const HttpHeaders& headers, std::string_view name) {
  for (const auto& [key, value] : headers)
    if (key == name) return &value;
  return nullptr;
}

}  // namespace mcp
