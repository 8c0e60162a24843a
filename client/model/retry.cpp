#include <algorithm>

#include <client/model/retry.h>

namespace fairlead::agent {

Recovery recovery_of(ModelError::Kind kind) {
  using Kind = ModelError::Kind;
  switch (kind) {
    case Kind::rate_limit:
    case Kind::overloaded:
    case Kind::network:
    case Kind::timeout:
      return Recovery::retry;
    case Kind::auth:
    case Kind::cancelled:
      return Recovery::stop;
    case Kind::context_length:
    case Kind::bad_request:
    case Kind::server:
    case Kind::malformed:
    case Kind::budget:
      break;
  }
  return Recovery::next_model;
}

std::optional<std::chrono::milliseconds> retry_delay(const ModelError& error, int failed_tries,
                                                     const RetryOptions& options, double random) {
  if (recovery_of(error.kind()) != Recovery::retry || failed_tries >= options.tries) {
    return std::nullopt;
  }
  if (const auto asked = error.retry_after()) {
    if (*asked > options.max_delay) return std::nullopt;
    return asked;
  }
  const auto growth = options.first_delay * (1LL << std::clamp(failed_tries - 1, 0, 20));
  const auto ceiling = std::min<std::chrono::milliseconds>(growth, options.max_delay);
  return std::chrono::milliseconds(
      static_cast<long long>(static_cast<double>(ceiling.count()) * random));
}

}  // namespace fairlead::agent
