#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include <mcp/base/utf8.h>
#include <mcp/schema/program.h>
#include <mcp/schema/run.h>

// Keywords that look at one number, one text, or the value as a whole.

namespace mcp::schema {

inline constexpr std::size_t scanned_texts = 8;  ///< fewer are looked through faster than searched

/// Whether a value whose bits are not among `types` is of one of them all the same: 1.0 is an
/// integer, and a number that is kept as its text is a number.
bool fits_unusual_type(std::uint8_t types, const Json& value);

inline bool fits_type(std::uint8_t types, const Json& value) {
  return (types & bits_of(value)) != 0 || fits_unusual_type(types, value);
}

inline bool matches(const Pattern& pattern, const std::string& text) {
  if (pattern.simple)
    if (const auto verdict = pattern.simple->matches(text)) return *verdict;
  return pattern.expression->Match(text, 0, text.size(), re2::RE2::UNANCHORED, nullptr, 0);
}

/// Whether `text` is of these lengths, in code points.
inline bool fits_length(const std::string& text, std::size_t least, std::size_t most) {
  // A code point is one to four bytes: often the size alone decides.
  const std::size_t bytes = text.size();
  if (bytes <= most && (bytes / 4 >= least || (least == 1 && bytes != 0))) return true;
  const std::size_t length = code_point_count(text);
  return length >= least && length <= most;
}

inline bool fits_string(Run& run, const StringRules& rules, const std::string& text) {
  return (text.size() < 64 || run.spend(text.size() / 64)) &&
         fits_length(text, rules.min_length, rules.max_length) &&
         (!rules.pattern || matches(*rules.pattern, text)) &&
         (rules.format == nullptr || rules.format->check(text));
}

/// The limits of a number of any kind.
bool fits_limits(Run& run, const NumberRules& rules, const Json& value);
bool is_multiple(Run& run, const NumberRules& rules, const Json& value);

inline bool fits_number(Run& run, const NumberRules& rules, const Json& value) {
  if (rules.limits_are_plain && value.is_number_integer()) {
    const auto integer = *value.get_ptr<const Json::number_integer_t*>();
    // Past the signed ones: above every limit there is.
    const bool huge = value.is_number_unsigned() && integer < 0;
    if (huge ? rules.highest != std::numeric_limits<std::int64_t>::max()
             : integer < rules.lowest || integer > rules.highest)
      return false;
  } else if (!fits_limits(run, rules, value)) {
    return false;
  }
  return !rules.multiple_of || is_multiple(run, rules, value);
}

/// Whether the value is the constant, or one of the enumeration.
inline bool is_chosen(Run& run, const Choices& choices, const Json& value) {
  if (const auto* text = value.get_ptr<const std::string*>()) {
    if (text->size() >= 64 && !run.spend(text->size() / 64)) return false;
    const TextView wanted(*text);
    if (choices.texts.size() <= scanned_texts)
      return std::find(choices.texts.begin(), choices.texts.end(), wanted) != choices.texts.end();
    const auto place = std::lower_bound(
        choices.texts.begin(), choices.texts.end(), wanted,
        [](const KnownText& known, const TextView& other) { return known.compare(other) < 0; });
    return place != choices.texts.end() && *place == wanted;
  }
  if (choices.only_texts) return false;
  return std::any_of(choices.values.begin(), choices.values.end(),
                     [&](const Json& known) { return run.equals(known, value); });
}

/// The alternative that `object` must match if it matches any; nothing when it matches none.
const std::size_t* discriminated(const Discriminator& discriminator, const Json& object);

}  // namespace mcp::schema
