#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fairlead::websearch {

/// Seconds since 1970 of a date as pages and feeds write it: ISO 8601 (`2026-01-02`,
/// `2026-01-02T03:04:05+01:00`) or RFC 5322 (`Fri, 02 Jan 2026 03:04:05 GMT`). 0: it is none.
std::int64_t read_date(std::string_view text);
/// `2026-01-02`; empty for 0.
std::string date_text(std::int64_t seconds);
/// When "day", "week", "month", "year" before `now` was, or the date that `freshness` is.
/// Throws Failure for anything else; 0 for an empty one.
std::int64_t since(std::string_view freshness, std::int64_t now);
/// Now, in seconds since 1970.
std::int64_t now_seconds();

}  // namespace fairlead::websearch
