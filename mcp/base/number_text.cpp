#include <mcp/base/number_text.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include <mcp/base/decimal.h>

namespace mcp {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::size_t skip_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) ++at;
  return at;
}

// The length of the integer part, sign included; 0 when there is none.
std::size_t integer_length(std::string_view text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  if (at < text.size() && text[at] == '0') return at + 1;
  std::size_t end = skip_digits(text, at);
  return end == at ? 0 : end;
}

// The digits that a number is written with, without leading zeros.
std::size_t significant_digits(std::string_view number) {
  number = number.substr(0, number.find_first_of("eE"));
  number.remove_prefix(std::min(number.find_first_of("123456789"), number.size()));
  return number.size() - (number.find('.') == std::string_view::npos ? 0 : 1);
}

}  // namespace

bool is_number_text(const Json& value) noexcept {
  const auto* binary = value.get_ptr<const Json::binary_t*>();
  return binary != nullptr && binary->has_subtype() && binary->subtype() == number_text_subtype;
}

std::string_view number_text(const Json& value) noexcept {
  if (!is_number_text(value)) return {};
  const auto& bytes = *value.get_ptr<const Json::binary_t*>();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Json make_number_text(std::string_view text) {
  if (!is_json_number(text))
    throw std::invalid_argument("not a JSON number: \"" + std::string(text.substr(0, 40)) + "\"");
  return Json::binary(std::vector<std::uint8_t>(text.begin(), text.end()), number_text_subtype);
}

bool is_json_number(std::string_view text) noexcept {
  std::size_t at = integer_length(text);
  if (at == 0) return false;
  if (at < text.size() && text[at] == '.') {
    std::size_t end = skip_digits(text, at + 1);
    if (end == at + 1) return false;
    at = end;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    std::size_t end = skip_digits(text, at);
    if (end == at) return false;
    at = end;
  }
  return at == text.size();
}

bool is_json_integer(std::string_view text) noexcept {
  std::size_t length = integer_length(text);
  return length != 0 && length == text.size();
}

bool fits_double(std::string_view number) {
  const double value = nearest_double(number);
  if (!std::isfinite(value)) return false;
  // Up to 15 digits come back from a double as they were; near zero it has fewer.
  if (std::abs(value) >= std::numeric_limits<double>::min() && significant_digits(number) <= 15)
    return true;
  // Usually it is what a program wrote, in the way that most write it.
  std::array<char, 32> shortest;
  const auto written = std::to_chars(shortest.data(), shortest.data() + shortest.size(), value,
                                     std::chars_format::fixed);
  if (written.ec == std::errc{} &&
      number == std::string_view(shortest.data(),
                                 static_cast<std::size_t>(written.ptr - shortest.data())))
    return true;
  return read_decimal(number) == shortest_decimal(value);
}

double nearest_double(std::string_view number) {
  double value = 0;
  const auto parsed = std::from_chars(number.data(), number.data() + number.size(), value);
  if (parsed.ec != std::errc::result_out_of_range) return value;
  const Decimal decimal = read_decimal(number);
  const bool large = decimal.exponent + static_cast<std::int64_t>(decimal.digits.size()) > 0;
  const double magnitude = large ? std::numeric_limits<double>::infinity() : 0.0;
  return decimal.negative ? -magnitude : magnitude;
}

}  // namespace mcp
