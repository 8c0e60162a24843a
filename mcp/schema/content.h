#pragma once

#include <string_view>

namespace mcp::schema {

/// What `contentEncoding` and `contentMediaType` say of a text, when it can be checked. Draft-07
/// allows it to decide (validation, section 8); from 2019-09 on it never does.
struct Content {
  std::string_view keyword;
  bool (*check)(std::string_view text);
  std::string_view name;  ///< for error messages
};

/// The check for both together; either may be empty. Nullptr for what is not known here.
const Content* find_content(std::string_view encoding, std::string_view media_type) noexcept;

}  // namespace mcp::schema
