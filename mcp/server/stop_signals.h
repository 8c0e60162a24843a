#pragma once

#include <optional>

#include <mcp/base/runtime.h>

namespace mcp::server {

/// What a serving process waits for. One at a time in a process: while it lives, SIGTERM and SIGINT
/// do not end the process but are told here.
class StopSignals {
 public:
  enum class Event : char { signal = 's', input_ended = 'i', closed = 'c', idle = 'd' };

  /// Throws std::system_error.
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// Any thread.
  void notify(Event event);
  /// The next event, in order; nothing after `timeout`. Without one it waits for ever.
  std::optional<Event> wait(std::optional<Duration> timeout = std::nullopt);
};

}  // namespace mcp::server
