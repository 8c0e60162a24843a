#pragma once

#include <string_view>

// The quick parser makes a double of every decimal. This looks whether one of a message may be
// more than a double holds, at a byte out of sixteen.

namespace mcp::jsonrpc {

/// True when valid JSON may have a decimal of more digits than double keeps. Digits inside a text
/// count too: that costs the strict reading, no more.
bool may_round_digits(std::string_view message);

/// True when valid JSON may have a decimal with an exponent so low that double makes it zero.
bool may_round_to_zero(std::string_view message);

}  // namespace mcp::jsonrpc
