#pragma once

#include <string_view>

#include <nlohmann/json.hpp>

namespace fairlead::agent {

/// Keeps members in the order of the file.
using OrderedJson = nlohmann::ordered_json;

/// Parses a configuration file: a byte order mark is skipped, nesting is bounded (128).
/// Throws std::invalid_argument with line and column of what is wrong.
OrderedJson parse_config_json(std::string_view text);

}  // namespace fairlead::agent
