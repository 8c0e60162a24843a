#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>

#include <mcp/base/runtime.h>

namespace mcp::server {

/// How many tool calls each caller may make: a minute's share at once, then evenly. It remembers
/// one moment for each caller of the last minute. Loop only.
class CallRate {
 public:
  /// More than 0.
  explicit CallRate(std::size_t per_minute);

  /// Takes a call of `caller`: zero, or how long it must wait for the next one.
  Duration take(const std::string& caller, TimePoint now);
  std::size_t per_minute() const { return per_minute_; }
  /// That are remembered.
  std::size_t callers() const { return whole_at_.size(); }

 private:
  void forget_idle(TimePoint now);

  const std::size_t per_minute_;
  const Duration interval_;
  /// When a caller's share will be whole again.
  std::unordered_map<std::string, TimePoint> whole_at_;
  std::size_t swept_ = 0;  ///< how many were left when idle callers were last forgotten
};

}  // namespace mcp::server
