#pragma once

#include <string>
#include <string_view>

#include <mcp/base/json.h>

// Numbers that fit neither 64 bits nor double: a JSON value keeps them as the text that came in,
// so that nothing is rounded and the text goes out again byte by byte. Such a value is a
// nlohmann binary of the subtype below; nothing else in a message is binary. They are integers past
// 64 bits, and decimals past double's range or precision: 1e400, 1e-400, 0.12345678901234567890.

namespace mcp {

/// The binary subtype that marks a number's text.
inline constexpr Json::binary_t::subtype_type number_text_subtype = 0x4e;

/// True for a number that is kept as its text.
bool is_number_text(const Json& value) noexcept;

/// The text of such a number, valid as long as `value`; empty for any other value.
std::string_view number_text(const Json& value) noexcept;

/// A number kept as `text`. Throws std::invalid_argument when `text` is no JSON number.
Json make_number_text(std::string_view text);

/// True when `text` is exactly one number of the JSON grammar (RFC 8259, section 6).
bool is_json_number(std::string_view text) noexcept;

/// True when `text` is a JSON number without fraction and exponent.
bool is_json_integer(std::string_view text) noexcept;

/// True when a double is exactly this number, as doubles are written: 0.1 is one, since 0.1 is the
/// shortest text that reads as that double; 0.10000000000000001, 1e400 and 1e-400 are none.
/// `number` must be a JSON number.
bool fits_double(std::string_view number);

/// The double nearest to a JSON number, whatever the locale: infinite past the largest, zero past
/// the smallest.
double nearest_double(std::string_view number);

}  // namespace mcp
