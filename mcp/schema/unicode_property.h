#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mcp::schema {

/// A set of characters as RE2 spells one between brackets; with `complement`, all but those.
struct CharacterSet {
  std::string members;
  bool complement = false;
};

/// What `\p{text}` matches in ECMA-262 (table-binary-unicode-properties and the two after it);
/// nothing for what is no property, or one that RE2 has no table of.
std::optional<CharacterSet> unicode_property(std::string_view text);

/// Whether `\p{text}` is a property of ECMA-262, one that RE2 has no table of included.
bool is_unicode_property(std::string_view text);

}  // namespace mcp::schema
