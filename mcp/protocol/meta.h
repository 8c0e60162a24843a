#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <mcp/protocol/capabilities.h>
#include <mcp/protocol/implementation.h>
#include <mcp/protocol/logging.h>

// `_meta` of requests, results and notifications (2026-07-28, basic, "_meta").

namespace mcp {

namespace meta_key {
inline constexpr const char* progress_token = "progressToken";
inline constexpr const char* protocol_version = "io.modelcontextprotocol/protocolVersion";
inline constexpr const char* client_info = "io.modelcontextprotocol/clientInfo";
inline constexpr const char* client_capabilities = "io.modelcontextprotocol/clientCapabilities";
inline constexpr const char* log_level = "io.modelcontextprotocol/logLevel";
inline constexpr const char* server_info = "io.modelcontextprotocol/serverInfo";
inline constexpr const char* subscription_id = "io.modelcontextprotocol/subscriptionId";
inline constexpr const char* related_task = "io.modelcontextprotocol/related-task";
inline constexpr const char* traceparent = "traceparent";
inline constexpr const char* tracestate = "tracestate";
inline constexpr const char* baggage = "baggage";
}  // namespace meta_key

/// W3C trace context as it travels; empty members are not sent. Not checked.
struct TraceContext {
  std::string traceparent = {};
  std::string tracestate = {};
  std::string baggage = {};
};

/// What a request says about itself and its sender.
struct RequestMeta {
  Json progress_token = nullptr;  ///< string or integer; null: wants no progress
  TraceContext trace = {};
  std::optional<std::string> protocol_version = {};
  std::optional<Implementation> client_info = {};
  std::optional<ClientCapabilities> client_capabilities = {};
  std::optional<LoggingLevel> log_level = {};  ///< absent: wants no log messages
  Json other = nullptr;                        ///< every other key, an object; null: none
};

/// True when `params._meta` has one of the keys that mark a request of the stateless era. Never
/// throws; for params of any shape.
bool is_stateless_request(const Json& params) noexcept;

/// Reads `params._meta`. Throws Malformed with a path such as `/_meta/progressToken`.
RequestMeta read_request_meta(const Json& params);
/// Writes `_meta` into `params` (an object, or null: becomes one when there is something to write).
/// The keys of the stateless era are written for that era only.
void add_request_meta(Json& params, const RequestMeta& meta, Revision revision);

/// `_meta` of a message's params or result; a null value when there is none.
const Json& meta_of(const Json& holder) noexcept;
/// Names the server in a result's `_meta`, where `has_server_info_meta`.
void add_server_info(Json& result, const Implementation& server, Revision revision);
/// The server that a result names; empty when it names none, or wrongly.
std::optional<Implementation> read_server_info(const Json& result);

/// Why `key` is no `_meta` key, and what would be; empty when it is one.
std::string meta_key_problem(std::string_view key);
/// Whether the key's prefix is reserved for the protocol.
bool is_reserved_meta_key(std::string_view key) noexcept;

/// What a result is, by its `resultType`; absent means complete (the session era has none).
enum class ResultType { complete, input_required, task };
/// Throws Malformed for a type that no revision defines.
ResultType result_type(const Json& result);
/// Writes `resultType` where `requires_result_type`.
void add_result_type(Json& result, ResultType type, Revision revision);

}  // namespace mcp
