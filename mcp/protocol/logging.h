#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <mcp/protocol/from_json.h>
#include <mcp/protocol/revision.h>

namespace mcp {

/// RFC 5424's levels, mildest first: compare with `>=`.
enum class LoggingLevel { debug, info, notice, warning, error, critical, alert, emergency };

std::string_view to_string(LoggingLevel level) noexcept;
std::optional<LoggingLevel> parse_logging_level(std::string_view name) noexcept;

/// `notifications/message`.
struct LoggingMessageParams {
  LoggingLevel level = LoggingLevel::info;
  Json data;                ///< usually a string
  std::string logger = {};  ///< which part of the server speaks
  Json meta = nullptr;
};

/// `logging/setLevel` (session era).
struct SetLevelParams {
  LoggingLevel level = LoggingLevel::info;
};

Json to_json(const LoggingMessageParams& params, Revision revision);
Json to_json(const SetLevelParams& params, Revision revision);

template <>
LoggingLevel from_json<LoggingLevel>(const Json& value);
template <>
LoggingMessageParams from_json<LoggingMessageParams>(const Json& value);
template <>
SetLevelParams from_json<SetLevelParams>(const Json& value);

}  // namespace mcp
