#pragma once

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <mcp/outbound/http_call.h>

namespace fairlead::agent {

/// Why a model gave no answer.
class ModelError : public std::runtime_error {
 public:
  enum class Kind {
    auth,            ///< 401, 403: the key or the account
    rate_limit,      ///< 429
    context_length,  ///< the conversation is too long for the model
    bad_request,     ///< other 4xx
    overloaded,      ///< 503, 529, or the same as an error event
    server,          ///< other 5xx
    network,         ///< no connection, or it broke
    timeout,
    malformed,  ///< the answer is not what the wire format says
    budget,     ///< the call would cost more than is left
    cancelled,
  };

  ModelError(Kind kind, const std::string& message, int status = 0)
      : std::runtime_error(message), kind_(kind), status_(status) {}

  Kind kind() const noexcept { return kind_; }
  /// The HTTP status, or 0.
  int status() const noexcept { return status_; }
  /// How long the gateway asked to wait.
  std::optional<std::chrono::milliseconds> retry_after() const noexcept { return retry_after_; }
  ModelError& set_retry_after(std::optional<std::chrono::milliseconds> wait) {
    retry_after_ = wait;
    return *this;
  }

 private:
  Kind kind_;
  int status_;
  std::optional<std::chrono::milliseconds> retry_after_;
};

const char* to_string(ModelError::Kind kind);

/// The error for an HTTP answer outside 2xx. `secret` is struck out wherever the gateway repeats
/// it.
ModelError error_of_response(const mcp::outbound::HttpResponse& response, std::string_view secret,
                             std::chrono::system_clock::time_point now);

/// The error for an `error` object in a body or event: {"message", "type", "code"}.
ModelError error_of_object(std::string_view json_text, std::string_view secret);

/// `Retry-After` (seconds or an HTTP date) and `retry-after-ms`.
std::optional<std::chrono::milliseconds> retry_after_of(const mcp::outbound::HttpResponse& response,
                                                        std::chrono::system_clock::time_point now);

}  // namespace fairlead::agent
