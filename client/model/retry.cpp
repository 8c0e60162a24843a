#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <random>

#include <client/model/retry.h>

namespace fairlead::agent {

RetryClock RetryClock::system() {
  RetryClock clock;
  clock.wait = [](std::chrono::milliseconds delay, std::stop_token stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, delay, [] { return false; });
    return !stop.stop_requested();
  };
  clock.random = [] {
    thread_local std::mt19937_64 generator(std::random_device{}());
    return std::uniform_real_distribution<double>(0.0, 1.0)(generator);
  };
  clock.wall_clock = [] { return std::chrono::system_clock::now(); };
  return clock;
}

bool may_retry(const ModelError& error) {
  using Kind = ModelError::Kind;
  return error.kind() == Kind::rate_limit || error.kind() == Kind::overloaded ||
         error.kind() == Kind::network;
}

std::optional<std::chrono::milliseconds> retry_delay(const ModelError& error, int failed_tries,
                                                     const RetryOptions& options, double random) {
  if (!may_retry(error) || failed_tries >= options.tries) return std::nullopt;
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
