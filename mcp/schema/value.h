#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <mcp/base/json.h>

namespace mcp::schema {

/// What comparing may cost: both are counted down, and a comparison that runs out answers false
/// with `exhausted` set.
struct CompareBudget {
  std::uint64_t work;
  std::size_t depth;
  bool exhausted = false;
};

/// Equality as JSON Schema defines it: 1 equals 1.0, 1 does not equal true, the order of members
/// does not count.
bool equal(const Json& left, const Json& right, CompareBudget& budget);

/// The first two equal items (first < second), or {n, n} for an array of n when all differ.
std::pair<std::size_t, std::size_t> find_duplicate(const Json::array_t& items,
                                                   CompareBudget& budget);

/// `string`, `integer`, … : the type that an error message names.
std::string_view type_name(const Json& value);
/// The value for an error message, on one line and short: `"Paris"`, `20`, `an object`.
std::string show(const Json& value);
/// Text in double quotes with escapes, shortened.
std::string quote(std::string_view text);

}  // namespace mcp::schema
