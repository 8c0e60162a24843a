#include <mcp/schema/number.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string_view>
#include <vector>

#include <mcp/base/number_text.h>

namespace mcp::schema {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr double two_to_53 = 9007199254740992.0;

bool fits_64_bits(const Json& value) {
  return value.type() == Json::value_t::number_integer ||
         value.type() == Json::value_t::number_unsigned;
}

std::strong_ordering order(double left, double right) {
  if (std::isnan(left) || std::isnan(right)) return std::isnan(right) <=> std::isnan(left);
  if (left < right) return std::strong_ordering::less;
  return left > right ? std::strong_ordering::greater : std::strong_ordering::equal;
}

std::strong_ordering compare_integers(const Json& left, const Json& right) {
  const bool left_negative = left.type() == Json::value_t::number_integer &&
                             *left.get_ptr<const Json::number_integer_t*>() < 0;
  const bool right_negative = right.type() == Json::value_t::number_integer &&
                              *right.get_ptr<const Json::number_integer_t*>() < 0;
  if (left_negative != right_negative)
    return left_negative ? std::strong_ordering::less : std::strong_ordering::greater;
  if (left_negative) return left.get<std::int64_t>() <=> right.get<std::int64_t>();
  return left.get<std::uint64_t>() <=> right.get<std::uint64_t>();
}

// A divisor that fits 64 bits: digit by digit, then the power of ten by squaring.
bool divides(std::uint64_t divisor, std::string_view digits, std::uint64_t zeros) {
  Wide rest = 0;
  for (char c : digits) rest = (rest * 10 + static_cast<unsigned>(c - '0')) % divisor;
  Wide power = 10 % divisor;
  for (; zeros != 0 && rest != 0; zeros >>= 1) {
    if ((zeros & 1) != 0) rest = rest * power % divisor;
    power = power * power % divisor;
  }
  return rest == 0;
}

// A longer divisor: schoolbook remainder on limbs of nine decimal digits.
class LongRemainder {
 public:
  explicit LongRemainder(std::string_view divisor) {
    for (std::size_t end = divisor.size(); end > 0; end = end > 9 ? end - 9 : 0) {
      std::uint32_t limb = 0;
      for (char c : divisor.substr(end > 9 ? end - 9 : 0, std::min<std::size_t>(end, 9)))
        limb = limb * 10 + static_cast<std::uint32_t>(c - '0');
      divisor_.push_back(limb);
    }
    divisor_.push_back(0);
    rest_.resize(divisor_.size());
  }

  void append(char digit) {
    std::uint64_t carry = static_cast<std::uint64_t>(digit - '0');
    for (std::uint32_t& limb : rest_) {
      carry += std::uint64_t{limb} * 10;
      limb = static_cast<std::uint32_t>(carry % base);
      carry /= base;
    }
    while (!std::lexicographical_compare(rest_.rbegin(), rest_.rend(), divisor_.rbegin(),
                                         divisor_.rend()))
      subtract();
  }

  bool zero() const {
    return std::all_of(rest_.begin(), rest_.end(), [](std::uint32_t limb) { return limb == 0; });
  }

 private:
  static constexpr std::uint32_t base = 1'000'000'000;

  void subtract() {
    std::uint32_t borrow = 0;
    for (std::size_t i = 0; i < rest_.size(); ++i) {
      const std::uint32_t take = divisor_[i] + borrow;
      borrow = rest_[i] < take ? 1 : 0;
      rest_[i] = rest_[i] + (borrow != 0 ? base : 0) - take;
    }
  }

  std::vector<std::uint32_t> divisor_;  // least significant first, one spare limb
  std::vector<std::uint32_t> rest_;
};

}  // namespace

bool is_number(const Json& value) noexcept {
  return value.is_number() || is_number_text(value);
}

bool is_integer(const Json& number) noexcept {
  if (fits_64_bits(number)) return true;
  if (number.is_number_float()) {
    const double value = *number.get_ptr<const double*>();
    return std::isfinite(value) && std::trunc(value) == value;
  }
  if (!is_number_text(number)) return false;
  const std::string_view text = number_text(number);
  return is_json_integer(text) || read_decimal(text).exponent >= 0;
}

std::uint64_t text_cost(const Json& number) noexcept {
  constexpr std::size_t bytes_a_step = 4;
  return number.is_binary() ? number_text(number).size() / bytes_a_step : 0;
}

Decimal to_decimal(const Json& number) {
  if (is_number_text(number)) return read_decimal(number_text(number));
  if (number.is_number_float()) return shortest_decimal(number.get<double>());
  std::array<char, 24> text;
  char* const end = text.data() + text.size();
  const char* const written = number.type() == Json::value_t::number_unsigned
                                  ? std::to_chars(text.data(), end, number.get<std::uint64_t>()).ptr
                                  : std::to_chars(text.data(), end, number.get<std::int64_t>()).ptr;
  return read_decimal({text.data(), static_cast<std::size_t>(written - text.data())});
}

std::strong_ordering compare(const Decimal& left, const Decimal& right) noexcept {
  if (left.digits.empty() || right.digits.empty() || left.negative != right.negative) {
    const auto sign = [](const Decimal& d) { return d.digits.empty() ? 0 : d.negative ? -1 : 1; };
    return sign(left) <=> sign(right);
  }
  const auto length = [](const Decimal& d) {
    return d.exponent + static_cast<std::int64_t>(d.digits.size());
  };
  std::strong_ordering result = length(left) <=> length(right);
  if (result == 0) result = left.digits.compare(right.digits) <=> 0;
  return left.negative ? 0 <=> result : result;
}

std::strong_ordering compare_numbers(const Json& left, const Json& right) {
  if (fits_64_bits(left) && fits_64_bits(right)) return compare_integers(left, right);
  if (left.is_number_float() && right.is_number_float())
    return order(left.get<double>(), right.get<double>());
  if (left.is_number() && right.is_number()) {
    // One is an integer: below 2^53 it is the same number as a double.
    const double l = left.get<double>();
    const double r = right.get<double>();
    const double integer = left.is_number_float() ? r : l;
    const double other = left.is_number_float() ? l : r;
    if (std::abs(integer) < two_to_53 || !std::isfinite(other)) return order(l, r);
  }
  return compare(to_decimal(left), to_decimal(right));
}

bool is_multiple_of(const Json& number, const Json& divisor) {
  if (number.is_number() && divisor.is_number()) {
    const double n = number.get<double>();
    const double d = divisor.get<double>();
    if (!std::isfinite(n)) return false;
    if (std::abs(n) < two_to_53 && d < two_to_53 && std::trunc(n) == n && std::trunc(d) == d)
      return static_cast<std::int64_t>(n) % static_cast<std::int64_t>(d) == 0;
  }
  const Decimal value = to_decimal(number);
  const Decimal by = to_decimal(divisor);
  if (value.digits.empty()) return true;
  // Neither digit string ends in a zero, so a missing power of ten can't come from the digits.
  if (value.exponent < by.exponent) return false;
  auto zeros = static_cast<std::uint64_t>(value.exponent - by.exponent);
  std::uint64_t small = 0;
  const char* const end = by.digits.data() + by.digits.size();
  if (std::from_chars(by.digits.data(), end, small).ec == std::errc{})
    return divides(small, value.digits, zeros);
  // Only the factors 2 and 5 of the divisor meet the power of ten: more zeros change nothing.
  zeros = std::min<std::uint64_t>(zeros, 4 * by.digits.size());
  LongRemainder rest(by.digits);
  for (char c : value.digits) rest.append(c);
  for (; zeros != 0; --zeros) rest.append('0');
  return rest.zero();
}

double to_double(const Json& number) {
  return is_number_text(number) ? nearest_double(number_text(number)) : number.get<double>();
}

std::optional<std::size_t> to_count(const Json& value) {
  if (!is_number(value) || !is_integer(value)) return std::nullopt;
  const Decimal decimal = to_decimal(value);
  if (decimal.negative) return std::nullopt;
  if (decimal.exponent + static_cast<std::int64_t>(decimal.digits.size()) > 18) return unbounded;
  std::size_t count = 0;
  for (char c : decimal.digits) count = count * 10 + static_cast<std::size_t>(c - '0');
  for (std::int64_t i = 0; i < decimal.exponent; ++i) count *= 10;
  return count;
}

}  // namespace mcp::schema
