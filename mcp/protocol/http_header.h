#pragma once

#include <string_view>

#include <mcp/protocol/method.h>

/// The names of the headers that MCP adds to HTTP (basic/transports, "Streamable HTTP"). Names are
/// compared without regard to case.
namespace mcp::http_header {

inline constexpr std::string_view protocol_version = "MCP-Protocol-Version";
inline constexpr std::string_view session_id = "Mcp-Session-Id";    ///< session era
inline constexpr std::string_view last_event_id = "Last-Event-ID";  ///< session era
inline constexpr std::string_view routed_method = "Mcp-Method";     ///< stateless era
inline constexpr std::string_view routed_name = "Mcp-Name";         ///< stateless era
inline constexpr std::string_view parameter_prefix = "Mcp-Param-";  ///< stateless era

/// The member of `params` that `Mcp-Name` repeats for requests of this method; null: it has none.
constexpr const char* named_member(std::string_view request_method) {
  if (request_method == method::tools_call || request_method == method::prompts_get) return "name";
  if (request_method == method::resources_read) return "uri";
  if (request_method == method::tasks_get || request_method == method::tasks_update ||
      request_method == method::tasks_cancel)
    return "taskId";
  return nullptr;
}

}  // namespace mcp::http_header
