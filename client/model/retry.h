#pragma once

#include <chrono>
#include <optional>

#include <client/model/model_error.h>

namespace fairlead::agent {

struct RetryOptions {
  /// Tries of one model, the first included.
  int tries = 3;
  std::chrono::milliseconds first_delay{1'000};
  /// No wait is longer; a gateway that asks for more is not waited for.
  std::chrono::milliseconds max_delay{60'000};
};

/// What follows a failed try.
enum class Recovery {
  retry,       ///< the same model again: 429, 503, a time-out, a reset or refused connection
  next_model,  ///< another model may do better: over-long context, 500, an answer that is none
  stop,        ///< nobody will do better: 401, 403, cancelled
};

Recovery recovery_of(ModelError::Kind kind);

/// The wait before the next try, or nothing when there is none. `failed_tries` counts from 1.
/// Exponential with full jitter; Retry-After, when the gateway sent it, is honoured exactly.
std::optional<std::chrono::milliseconds> retry_delay(const ModelError& error, int failed_tries,
                                                     const RetryOptions& options, double random);

}  // namespace fairlead::agent
