#include <mcp/base/decimal.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace mcp {
namespace {

constexpr std::int64_t exponent_limit = std::int64_t{1} << 61;

std::int64_t read_exponent(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  std::int64_t value = 0;
  for (char c : text) value = value < exponent_limit / 10 ? value * 10 + (c - '0') : exponent_limit;
  return negative ? -value : value;
}

}  // namespace

Decimal read_decimal(std::string_view text) {
  Decimal result;
  if (text.starts_with('-')) {
    result.negative = true;
    text.remove_prefix(1);
  }
  const std::size_t e = text.find_first_of("eE");
  if (e != std::string_view::npos) {
    result.exponent = read_exponent(text.substr(e + 1));
    text = text.substr(0, e);
  }
  const std::size_t point = text.find('.');
  result.digits = text.substr(0, point);
  if (point != std::string_view::npos) {
    result.digits += text.substr(point + 1);
    result.exponent -= static_cast<std::int64_t>(text.size() - point - 1);
  }
  const std::size_t last = result.digits.find_last_not_of('0');
  if (last == std::string::npos) return {};
  result.exponent += static_cast<std::int64_t>(result.digits.size() - last - 1);
  result.digits.resize(last + 1);
  result.digits.erase(0, result.digits.find_first_not_of('0'));
  result.exponent = std::clamp(result.exponent, -exponent_limit, exponent_limit);
  return result;
}

Decimal shortest_decimal(double value) {
  if (!std::isfinite(value)) return {};
  std::array<char, 32> text;
  const char* end =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific)
          .ptr;
  return read_decimal({text.data(), static_cast<std::size_t>(end - text.data())});
}

}  // namespace mcp
