#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// Numbers as people write them, exactly.

namespace mcp {

/// A decimal number of any size: digits × 10^exponent, without leading or trailing zeros, so that
/// equal numbers have equal members. Zero has no digits.
struct Decimal {
  bool negative = false;
  std::string digits;
  std::int64_t exponent = 0;  ///< saturated at ±2^61, far past what text can spell out

  bool operator==(const Decimal&) const = default;
};

/// Reads a number in JSON's grammar (see is_json_number), which `text` must be.
Decimal read_decimal(std::string_view text);

/// The shortest decimal that reads back as the same double, which is what its author wrote; zero
/// for what is not finite.
Decimal shortest_decimal(double value);

}  // namespace mcp
