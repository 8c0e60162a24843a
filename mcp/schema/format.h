#pragma once

#include <string_view>

namespace mcp::schema {

/// A value of the `format` keyword that can be checked.
struct Format {
  std::string_view name;
  bool (*check)(std::string_view text);
  std::string_view example;  ///< for error messages
};

/// The format of this name, or nullptr: unknown formats are annotations only.
const Format* find_format(std::string_view name) noexcept;

}  // namespace mcp::schema
