#include "servers/websearch/dates.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <optional>
#include <vector>

#include "servers/websearch/character.h"
#include "servers/websearch/failure.h"

namespace fairlead::websearch {
namespace {

constexpr std::int64_t day = 86'400;
constexpr std::array<std::string_view, 12> months{"jan", "feb", "mar", "apr", "may", "jun",
                                                  "jul", "aug", "sep", "oct", "nov", "dec"};

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

std::int64_t seconds_of(int year, int month, int day_of_month) {
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day_of_month))};
  if (!date.ok() || year < 1971 || year > 9999) return 0;
  return std::chrono::sys_days(date).time_since_epoch().count() * day;
}

// `03:04:05`, and `+01:00`, `-0800`, `Z` or `GMT` behind it.
std::int64_t time_of_day(std::string_view text) {
  const auto hour = number(text.substr(0, 2));
  const auto minute = text.size() >= 5 && text[2] == ':' ? number(text.substr(3, 2)) : std::nullopt;
  if (!hour || !minute || *hour > 24 || *minute > 59) return 0;
  std::int64_t seconds = *hour * 3'600 + *minute * 60;
  if (text.size() >= 8 && text[5] == ':') seconds += number(text.substr(6, 2)).value_or(0);
  const std::size_t sign = text.find_first_of("+-", 5);
  if (sign == std::string_view::npos) return seconds;
  const std::string_view zone = text.substr(sign + 1);
  const auto zone_hour = number(zone.substr(0, 2));
  const auto zone_minute = zone.size() >= 4 ? number(zone.substr(zone.size() - 2)) : 0;
  const std::int64_t offset = zone_hour.value_or(0) * 3'600 + zone_minute.value_or(0) * 60;
  return text[sign] == '+' ? seconds - offset : seconds + offset;
}

std::int64_t read_iso(std::string_view text) {
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return 0;
  const auto year = number(text.substr(0, 4));
  const auto month = number(text.substr(5, 2));
  const auto date = number(text.substr(8, 2));
  if (!year || !month || !date) return 0;
  const std::int64_t seconds = seconds_of(*year, *month, *date);
  if (seconds == 0 || text.size() < 16) return seconds;
  return seconds + time_of_day(text.substr(11));
}

std::int64_t read_mail_date(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty() && words.size() < 7) {
    text = trimmed(text);
    const std::size_t end = std::min(text.find_first_of(" ,"), text.size());
    if (end > 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    const std::string name = to_lower(words[i].substr(0, 3));
    for (std::size_t month = 0; month < months.size(); ++month) {
      if (name != months[month]) continue;
      // "2 Jan 2026", or "Jan 2, 2026"
      auto date = i > 0 ? number(words[i - 1]) : std::nullopt;
      const std::size_t year_at = date ? i + 1 : i + 2;
      if (!date) date = number(words[i + 1]);
      const auto year = year_at < words.size() ? number(words[year_at]) : std::nullopt;
      if (!date || !year) return 0;
      const std::int64_t seconds = seconds_of(*year, static_cast<int>(month) + 1, *date);
      if (seconds == 0 || year_at + 1 >= words.size()) return seconds;
      std::string time(words[year_at + 1]);
      if (year_at + 2 < words.size()) time += words[year_at + 2];
      return seconds + time_of_day(time);
    }
  }
  return 0;
}

}  // namespace

std::int64_t read_date(std::string_view text) {
  text = trimmed(text).substr(0, 100);
  const std::int64_t iso = read_iso(text);
  return iso != 0 ? iso : read_mail_date(text);
}

std::string date_text(std::int64_t seconds) {
  if (seconds == 0) return {};
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(seconds / day))};
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text.data();
}

std::int64_t since(std::string_view freshness, std::int64_t now) {
  if (freshness.empty()) return 0;
  if (freshness == "day") return now - day;
  if (freshness == "week") return now - 7 * day;
  if (freshness == "month") return now - 31 * day;
  if (freshness == "year") return now - 366 * day;
  const std::int64_t date = read_date(freshness);
  if (date == 0) {
    throw Failure("freshness is one of day, week, month and year, or a date such as 2026-01-31.");
  }
  return date;
}

std::int64_t now_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace fairlead::websearch
