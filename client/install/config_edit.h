#pragma once

#include <string>
#include <string_view>

#include <client/config/json_file.h>

namespace fairlead::agent {

/// The text of a configuration with one server added, changed or removed. Everything else stays
/// byte for byte: keys that we do not know, their order, numbers, indentation, line ends.
/// An empty `text` is an empty configuration.
/// Throws std::invalid_argument with line and column when `text` is not JSON, or when the root or
///   `mcpServers` is no object.
std::string with_server(std::string_view text, const std::string& name, const OrderedJson& entry);
std::string without_server(std::string_view text, const std::string& name);

/// The entry of that name; null when there is none. The same exceptions.
OrderedJson find_server(std::string_view text, const std::string& name);

/// The lines that differ, `-` before and `+` after, with two lines around them. Empty when nothing
/// differs.
std::string line_difference(std::string_view before, std::string_view after);

}  // namespace fairlead::agent
