#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <mcp/base/utf8.h>
#include <mcp/schema/program.h>
#include <mcp/schema/run.h>

// Keywords that look at one number, one text, or the value as a whole.

namespace mcp::schema {

/// Whether a value whose bits are not among `types` is of one of them all the same: 1.0 is an
/// integer, and a number that is kept as its text is a number.
bool fits_unusual_type(Run& run, std::uint8_t types, const Json& value);

inline bool fits_type(Run& run, std::uint8_t types, const Json& value) {
  return (types & bits_of(value)) != 0 || fits_unusual_type(run, types, value);
}

bool matches(Run& run, const Pattern& pattern, const std::string& text);

/// Whether `text` is of these lengths, in code points.
inline bool fits_length(const std::string& text, std::size_t least, std::size_t most) {
  const std::size_t length = code_point_count(text);
  return length >= least && length <= most;
}

/// What comparing the value with all four limits may cost.
std::uint64_t limits_cost(const NumberRules& rules, const Json& value);

bool is_multiple(Run& run, const NumberRules& rules, const Json& value);

/// Whether the value is the constant, or one of the enumeration.
bool is_chosen(Run& run, const Choices& choices, const Json& value);
bool are_chosen(Run& run, const std::vector<Choices>& all, const Json& value);

/// Everything that a node says of a number or a text.
bool fits_scalar_rules(Run& run, const Node& node, const Json& value);

inline Glance glance_at(const StringRules& rules, const std::string& text) {
  const std::size_t bytes = text.size();
  if (bytes < rules.enough_bytes || bytes > rules.few_bytes) return Glance::undecided;
  if (!rules.pattern) return Glance::fits;
  return rules.pattern->simple->matches(text);
}

inline Glance glance_at(const NumberRules& rules, const Json& value) {
  if (!rules.is_plain || !value.is_number_integer()) return Glance::undecided;
  const auto integer = *value.get_ptr<const Json::number_integer_t*>();
  if (integer < 0 && value.is_number_unsigned()) return Glance::undecided;
  return integer >= rules.lowest && integer <= rules.highest ? Glance::fits : Glance::fails;
}

/// The alternative that `object` must match if it matches any; nothing when it matches none.
const std::size_t* discriminated(const Discriminator& discriminator, const Json& object);

}  // namespace mcp::schema
