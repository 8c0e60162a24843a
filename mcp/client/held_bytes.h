#pragma once

#include <cstddef>

#include <mcp/base/json.h>

namespace mcp::client {

/// About how much memory a value holds. Its text would be no measure: `[0,0,…]` takes eight times
/// as much.
std::size_t held_bytes(const Json& value);

}  // namespace mcp::client
