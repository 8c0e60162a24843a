#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include <mcp/base/decimal.h>
#include <mcp/base/json.h>

// Exact arithmetic on JSON numbers in whatever form they arrive: 64-bit integers, doubles (taken as
// the shortest decimal that reads back as the same double, which is what the author wrote) and
// number texts.

namespace mcp::schema {

bool is_number(const Json& value) noexcept;
/// A number without fraction, in whatever form: 1.0 and 1e400 are integers.
bool is_integer(const Json& number) noexcept;

/// What it costs to look at a number's text once, in steps of work; nothing for other numbers.
std::uint64_t text_cost(const Json& number) noexcept;

/// `number` must be a number.
Decimal to_decimal(const Json& number);
std::strong_ordering compare(const Decimal& left, const Decimal& right) noexcept;
/// Both must be numbers; exact. A NaN, which no JSON text holds, is below all of them.
std::strong_ordering compare_numbers(const Json& left, const Json& right);
/// Whether `number` is `divisor` times an integer, exactly; `divisor` is above zero.
bool is_multiple_of(const Json& number, const Json& divisor);
/// The nearest double; equal numbers give equal doubles.
double to_double(const Json& number);

inline constexpr std::size_t unbounded = std::numeric_limits<std::size_t>::max();
/// A count (2, 2.0 or 2e0), saturated; nothing when `value` is no integer of at least 0.
std::optional<std::size_t> to_count(const Json& value);

}  // namespace mcp::schema
