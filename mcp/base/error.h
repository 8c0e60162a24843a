#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include <mcp/base/json.h>

namespace mcp {

/// The error codes that JSON-RPC 2.0 and the MCP revisions define (2026-07-28, basic, "Error
/// Codes"). Nothing else from -32000…-32099 is ever emitted.
namespace error_code {
inline constexpr int parse_error = -32700;
inline constexpr int invalid_request = -32600;
inline constexpr int method_not_found = -32601;
inline constexpr int invalid_params = -32602;
inline constexpr int internal_error = -32603;
inline constexpr int resource_not_found = -32002;            ///< up to 2025-11-25
inline constexpr int url_elicitation_required = -32042;      ///< 2025-11-25 only
inline constexpr int header_mismatch = -32020;               ///< from 2026-07-28
inline constexpr int missing_client_capability = -32021;     ///< from 2026-07-28
inline constexpr int unsupported_protocol_version = -32022;  ///< from 2026-07-28
}  // namespace error_code

/// A protocol error: it becomes (or was) the `error` member of a JSON-RPC response. Thrown by
/// handlers to refuse a request, and by the client for an error that the server answered.
class Error : public std::runtime_error {
 public:
  Error(int code, const std::string& message, Json data = nullptr)
      : std::runtime_error(message), code_(code), data_(std::move(data)) {}

  int code() const noexcept { return code_; }
  /// The `data` member; null when there is none.
  const Json& data() const noexcept { return data_; }

 private:
  int code_;
  Json data_;
};

/// A failure that the model should read: it becomes a tool result with `isError: true` and this
/// text. Thrown by tool handlers.
class ToolError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace mcp
