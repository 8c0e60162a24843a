#pragma once

#include <optional>
#include <string>

#include <mcp/base/json.h>

namespace mcp {

/// The JSON pointer of the first number in `value` that JSON has no text for (an infinity or a
/// NaN); nothing when there is none. Takes values of any depth.
std::optional<std::string> find_not_finite(const Json& value);

}  // namespace mcp
