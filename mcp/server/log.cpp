#include <mcp/server/log.h>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

namespace mcp {
namespace {

spdlog::level::level_enum level_of(LogSeverity severity) {
  switch (severity) {
    case LogSeverity::debug:
      return spdlog::level::debug;
    case LogSeverity::info:
      return spdlog::level::info;
    case LogSeverity::warning:
      return spdlog::level::warn;
    case LogSeverity::error:
      break;
  }
  return spdlog::level::err;
}

}  // namespace

Logger stderr_logger(LogSeverity at_least) {
  auto logger =
      std::make_shared<spdlog::logger>("mcp", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("%Y-%m-%d %H:%M:%S.%e %l %v");
  logger->set_level(level_of(at_least));
  logger->flush_on(spdlog::level::debug);
  return [logger](LogSeverity severity, std::string_view line) {
    logger->log(level_of(severity), "{}", line);
  };
}

}  // namespace mcp
