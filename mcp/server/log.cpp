#include <mcp/server/log.h>

#include <chrono>
#include <cstdio>
#include <string>

namespace mcp {
namespace {

const char* name_of(LogSeverity severity) {
  switch (severity) {
    case LogSeverity::debug:
      return "debug";
    case LogSeverity::info:
      return "info";
    case LogSeverity::warning:
      return "warning";
    case LogSeverity::error:
      break;
  }
  return "error";
}

/// `2026-01-31 23:59:59.123Z`
std::string text_of(std::chrono::system_clock::time_point time) {
  using namespace std::chrono;
  const auto midnight = floor<days>(time);
  const year_month_day date(midnight);
  const hh_mm_ss clock(floor<milliseconds>(time - midnight));
  char text[64];
  std::snprintf(
      text, sizeof text, "%04d-%02u-%02u %02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return text;
}

}  // namespace

// No logging library: loading one costs half a megabyte of a server that writes ten lines a day.
Logger stderr_logger(LogSeverity at_least) {
  return [at_least](LogSeverity severity, std::string_view line) {
    if (severity < at_least) return;
    std::string text = text_of(std::chrono::system_clock::now());
    text.append(" ").append(name_of(severity)).append(" ").append(line).append("\n");
    // In one piece: other threads write too. When stderr can't be written, nobody can be told.
    std::fwrite(text.data(), 1, text.size(), stderr);
  };
}

}  // namespace mcp
