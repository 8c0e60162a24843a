#pragma once

#include <functional>
#include <string_view>

namespace mcp {

enum class LogSeverity { debug, info, warning, error };

/// Where the server writes what its operator should know (never the client's business, never on
/// stdout). Called from any thread, one line at a time.
using Logger = std::function<void(LogSeverity, std::string_view line)>;

/// Lines with time and severity on stderr.
Logger stderr_logger(LogSeverity at_least = LogSeverity::info);

}  // namespace mcp
