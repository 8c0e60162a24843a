#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mcp {

/// Splits `command "two words" 'as they are' back\ slash` as a shell would, without expanding
/// anything: 'single' quotes keep everything, "double" quotes know \" and \\, outside a backslash
/// takes the next character as it is. Throws std::invalid_argument for a quote that is not closed,
/// a backslash at the end, or no words at all.
std::vector<std::string> split_command_line(std::string_view line);

}  // namespace mcp
