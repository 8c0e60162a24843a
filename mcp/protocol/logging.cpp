#include <mcp/protocol/logging.h>

#include <array>

#include <mcp/protocol/object_reader.h>
#include <mcp/protocol/object_writer.h>

namespace mcp {

using protocol::ObjectReader;
using protocol::ObjectWriter;

namespace {

constexpr std::array<std::string_view, 8> names = {"debug", "info",     "notice", "warning",
                                                   "error", "critical", "alert",  "emergency"};

}  // namespace

std::string_view to_string(LoggingLevel level) noexcept {
  return names[static_cast<std::size_t>(level)];
}

std::optional<LoggingLevel> parse_logging_level(std::string_view name) noexcept {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<LoggingLevel>(i);
  }
  return std::nullopt;
}

Json to_json(const LoggingMessageParams& params, Revision) {
  return ObjectWriter()
      .set("level", to_string(params.level))
      .set("data", params.data)
      .text("logger", params.logger)
      .meta(params.meta)
      .take();
}

Json to_json(const SetLevelParams& params, Revision) {
  return ObjectWriter().set("level", to_string(params.level)).take();
}

template <>
LoggingLevel from_json<LoggingLevel>(const Json& value) {
  auto level = parse_logging_level(protocol::read_string(value));
  if (!level) {
    throw Malformed("",
                    "not a log level: debug, info, notice, warning, error, critical, alert or "
                    "emergency");
  }
  return *level;
}

template <>
LoggingMessageParams from_json<LoggingMessageParams>(const Json& value) {
  ObjectReader in(value);
  return {.level = in.get<LoggingLevel>("level"),
          .data = in.required("data"),
          .logger = in.get_or<std::string>("logger", {}),
          .meta = in.meta()};
}

template <>
SetLevelParams from_json<SetLevelParams>(const Json& value) {
  return {.level = ObjectReader(value).get<LoggingLevel>("level")};
}

}  // namespace mcp
