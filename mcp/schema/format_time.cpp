#include <cstddef>

#include <mcp/base/ascii.h>
#include <mcp/schema/format_checks.h>

namespace mcp::schema {
namespace {

// Takes exactly `digits` digits; -1 when they are not there.
int take_digits(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return -1;
  int value = 0;
  for (char c : text.substr(0, digits)) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(1);
  return true;
}

int days_in_month(int year, int month) {
  if (month == 2) return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

// The minutes that local time is ahead of UTC; false when there is no offset or more than it.
bool read_offset(std::string_view text, int& minutes) {
  if (text == "Z" || text == "z") {
    minutes = 0;
    return true;
  }
  const int sign = text.starts_with('-') ? -1 : 1;
  if (!take(text, '+') && !take(text, '-')) return false;
  const int hour = take_digits(text, 2);
  if (!take(text, ':')) return false;
  const int minute = take_digits(text, 2);
  minutes = sign * (hour * 60 + minute);
  return text.empty() && hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59;
}

}  // namespace

bool is_date(std::string_view text) {
  const int year = take_digits(text, 4);
  if (year < 0 || !take(text, '-')) return false;
  const int month = take_digits(text, 2);
  if (month < 1 || month > 12 || !take(text, '-')) return false;
  const int day = take_digits(text, 2);
  return day >= 1 && day <= days_in_month(year, month) && text.empty();
}

bool is_time(std::string_view text) {
  const int hour = take_digits(text, 2);
  if (hour < 0 || hour > 23 || !take(text, ':')) return false;
  const int minute = take_digits(text, 2);
  if (minute < 0 || minute > 59 || !take(text, ':')) return false;
  const int second = take_digits(text, 2);
  if (second < 0 || second > 60) return false;
  if (take(text, '.')) {
    if (take_digits(text, 1) < 0) return false;
    while (take_digits(text, 1) >= 0) continue;
  }
  int offset = 0;
  if (!read_offset(text, offset)) return false;
  // A leap second exists only at the end of a UTC day.
  constexpr int day = 24 * 60;
  return second != 60 || (hour * 60 + minute - offset + day) % day == day - 1;
}

bool is_date_time(std::string_view text) {
  return text.size() > 11 && is_date(text.substr(0, 10)) && (text[10] == 'T' || text[10] == 't') &&
         is_time(text.substr(11));
}

namespace {

// A run of "1U" parts whose units follow one another in `units` without a gap: the grammar nests
// each unit in the one before. True when at least one was there.
bool take_units(std::string_view& text, std::string_view units) {
  std::size_t next = units.npos;
  while (!text.empty() && is_ascii_digit(text.front())) {
    std::size_t length = 0;
    while (length < text.size() && is_ascii_digit(text[length])) ++length;
    if (length == text.size()) return false;
    const std::size_t unit = units.find(text[length]);
    if (unit == units.npos || (next != units.npos && unit != next)) return false;
    next = unit + 1;
    text.remove_prefix(length + 1);
  }
  return next != units.npos;
}

}  // namespace

bool is_duration(std::string_view text) {
  if (!take(text, 'P')) return false;
  std::string_view weeks = text;
  if (take_units(weeks, "W") && weeks.empty()) return true;
  if (!text.starts_with('T') && !take_units(text, "YMD")) return false;
  if (text.empty()) return true;
  return take(text, 'T') && take_units(text, "HMS") && text.empty();
}

}  // namespace mcp::schema
