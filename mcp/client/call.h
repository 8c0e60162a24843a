#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <variant>

#include <mcp/base/error.h>
#include <mcp/base/runtime.h>
#include <mcp/protocol/logging.h>

// What is said about one call, and what comes of it.

namespace mcp {

/// A call that gave no result. Every failure of a Client is one; catch `mcp::Error` when the
/// difference does not matter.
class CallError : public Error {
 public:
  enum class Kind {
    answered,         ///< the server answered an error: `code()` and `data()` are the server's
    timed_out,        ///< no answer in time; the server was told to stop
    stopped,          ///< the caller's stop token; the server was told to stop
    outcome_unknown,  ///< the server was lost after the call was sent: it may or may not have run
    not_connected,    ///< the call was never sent: no server, or it refuses to start
    invalid_result,   ///< the server answered what the specification does not allow
    limit,            ///< one of `ClientLimits`; the message says which
    refused,      ///< not sent, or not repeated: the caller, a middleware or an input handler, or
                  ///< an HTTP server that turned it away before it ran
    unsupported,  ///< the negotiated revision has no such request
    closed,       ///< the client was closed
  };

  CallError(Kind kind, const std::string& message, int code = error_code::internal_error,
            Json data = nullptr)
      : Error(code, message, std::move(data)), kind_(kind) {}

  Kind kind() const noexcept { return kind_; }

 private:
  Kind kind_;
};

/// A result, or why there is none.
template <class T>
class Outcome {
 public:
  Outcome(T value) : held_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: stands for both
  Outcome(CallError error) : held_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

  bool ok() const noexcept { return held_.index() == 0; }
  /// The result; throws the CallError when there is none.
  T& value() & {
    if (!ok()) throw error();
    return std::get<0>(held_);
  }
  const T& value() const& {
    if (!ok()) throw error();
    return std::get<0>(held_);
  }
  T&& value() && { return std::move(value()); }
  /// Only when not `ok()`.
  const CallError& error() const { return std::get<1>(held_); }

 private:
  std::variant<T, CallError> held_;
};

/// The outcome of a request that answers nothing but "done".
using Done = std::monostate;

/// Receives the outcome of an asynchronous call: exactly once, on the loop. Must not block.
template <class T>
using Callback = std::function<void(Outcome<T>)>;

/// `notifications/progress` of a call; `progress` only grows.
struct Progress {
  double progress = 0;
  std::optional<double> total = {};
  std::string message = {};
};

/// Everything here is optional.
struct CallOptions {
  /// How long the server may be silent about the call; progress starts it anew, and so does an
  /// answer to something the server asked meanwhile, the first `ClientLimits::asks_per_call` times.
  /// Default: `ClientOptions::call_timeout`.
  std::optional<Duration> timeout = {};
  /// How long one request may take however much progress it makes. Default:
  /// `ClientOptions::max_call_timeout`. A whole list (`Client::list_tools`, ...) counts as one:
  /// its default is `ClientLimits::list_time`.
  std::optional<Duration> max_timeout = {};
  /// Wants progress. Called on the loop, in order, never after the outcome. Must not block.
  std::function<void(const Progress&)> on_progress = {};
  /// Up to 2025-11-25: make a task of the call of a tool that can be one, so that it outlives the
  /// connection. Later the server decides.
  bool as_task = false;
  /// The call is a task now, of this id; its result comes to whoever made the call all the same.
  /// Called on the loop. Must not block.
  std::function<void(const std::string& id)> on_task = {};
  /// Gives the call up: the server is told, an answer that comes all the same is ignored.
  std::stop_token stop = {};
  /// Wants the server's log messages about this call, from this level on (stateless era; in the
  /// session era see `Client::set_logging_level`).
  std::optional<LoggingLevel> log_level = {};
  /// More keys for the request's `_meta`, such as `traceparent`. An object, or null.
  Json meta = nullptr;
  /// False asks the server although the answer is in the cache.
  bool use_cache = true;
};

}  // namespace mcp
