#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace fairlead::agent {

struct CircuitBreakerOptions {
  /// Failures in a row that open it.
  int failures = 5;
  /// How long an open one lets nothing through.
  std::chrono::milliseconds open_time{30'000};
  /// Calls that may run at the same time after that, until the first of them has ended.
  int half_open_probes = 3;
};

/// Keeps calls away from something that fails. Closed: all go through. Open: none. Half open: a few
/// probes; one that works closes it, one that fails opens it again. Not thread-safe.
class CircuitBreaker {
 public:
  using Time = std::chrono::steady_clock::time_point;

  enum class State { closed, open, half_open };

  /// Leave to make one call, to be given back with what came of it. What a call that began before
  /// the breaker last changed its state has to say no longer counts.
  struct Permit {
    std::uint64_t epoch = 0;
  };

  explicit CircuitBreaker(CircuitBreakerOptions options = {}) : options_(options) {}

  State state(Time now) const;
  /// Nothing when no call may be made now.
  std::optional<Permit> begin(Time now);
  void succeeded(Permit permit);
  void failed(Permit permit, Time now);
  /// The call ended without saying anything about the other side.
  void abandoned(Permit permit);

 private:
  void enter(State state);

  CircuitBreakerOptions options_;
  State state_ = State::closed;
  std::uint64_t epoch_ = 0;
  int failures_ = 0;
  int probes_ = 0;
  Time open_until_{};
};

const char* to_string(CircuitBreaker::State state);

}  // namespace fairlead::agent
