#include <condition_variable>
#include <mutex>
#include <random>

#include <client/model/model_clock.h>

namespace fairlead::agent {

ModelClock ModelClock::system() {
  ModelClock clock;
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
  clock.now = [] { return std::chrono::steady_clock::now(); };
  return clock;
}

}  // namespace fairlead::agent
