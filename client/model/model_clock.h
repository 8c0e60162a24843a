#pragma once

#include <chrono>
#include <functional>
#include <stop_token>

namespace fairlead::agent {

/// What calls of models need of the world: time and chance. Tests bring their own and need no time.
/// The functions are called from any thread.
struct ModelClock {
  /// Waits; false when `stop` ended the wait.
  std::function<bool(std::chrono::milliseconds delay, std::stop_token stop)> wait;
  /// A number from 0 (inclusive) to 1 (exclusive).
  std::function<double()> random;
  std::function<std::chrono::system_clock::time_point()> wall_clock;
  /// Time that never runs backwards.
  std::function<std::chrono::steady_clock::time_point()> now;

  static ModelClock system();
};

}  // namespace fairlead::agent
