#pragma once

#include <chrono>
#include <functional>
#include <stop_token>

#include <client/model/model_error.h>

namespace fairlead::agent {

/// What a retry needs of the world, so that tests need no time.
struct RetryClock {
  /// Waits; false when `stop` ended the wait.
  std::function<bool(std::chrono::milliseconds delay, std::stop_token stop)> wait;
  /// A number from 0 (inclusive) to 1 (exclusive).
  std::function<double()> random;
  std::function<std::chrono::system_clock::time_point()> wall_clock;

  static RetryClock system();
};

struct RetryOptions {
  /// Tries in all, the first included.
  int tries = 3;
  std::chrono::milliseconds first_delay{1'000};
  /// No wait is longer; a gateway that asks for more gets its error reported at once.
  std::chrono::milliseconds max_delay{60'000};
};

/// True for failures that a repetition may mend: 429, 503, a reset or refused connection.
bool may_retry(const ModelError& error);

/// The wait before the next try, or nothing when there is none. `failed_tries` counts from 1.
/// Exponential with full jitter; Retry-After, when the gateway sent it, is honoured exactly.
std::optional<std::chrono::milliseconds> retry_delay(const ModelError& error, int failed_tries,
                                                     const RetryOptions& options, double random);

}  // namespace fairlead::agent
