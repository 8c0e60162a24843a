#include <mcp/server/log.h>

#include <chrono>
#include <cstdio>
#include <string>

#include <mcp/base/timestamp.h>

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

}  // namespace

// No logging library: loading one costs half a megabyte of a server that writes ten lines a day.
Logger stderr_logger(LogSeverity at_least) {
  return [at_least](LogSeverity severity, std::string_view line) {
    if (severity < at_least) return;
    std::string text = to_timestamp(std::chrono::system_clock::now());
    text.append(" ").append(name_of(severity)).append(" ").append(line).append("\n");
    // In one piece: other threads write too. When stderr can't be written, nobody can be told.
    std::fwrite(text.data(), 1, text.size(), stderr);
  };
}

}  // namespace mcp
