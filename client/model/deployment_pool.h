#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include <client/model/circuit_breaker.h>
#include <client/model/model_clock.h>
#include <client/model/model_error.h>

namespace fairlead::agent {

/// How calls are spread over the deployments of one model.
enum class Balancing {
  round_robin,
  weighted,    ///< in proportion to the weights, evenly mixed
  least_busy,  ///< the fewest calls in flight
  latency,     ///< the fastest by a moving average; now and then the one that was asked longest ago
};

struct PoolOptions {
  Balancing balancing = Balancing::round_robin;
  CircuitBreakerOptions breaker;
  /// How long a deployment rests after 429 without Retry-After, while there are others.
  std::chrono::milliseconds cool_down{5'000};
  /// With Balancing::latency: the share of calls that go to the one asked longest ago, so that a
  /// deployment that was slow once is measured again.
  double exploration = 0.1;
};

/// Which deployment of a model gets the next call. Thread-safe.
class DeploymentPool {
 public:
  /// \param weights one for each deployment, positive
  DeploymentPool(std::vector<double> weights, PoolOptions options, ModelClock clock);

  struct Lease {
    std::size_t index = 0;
    CircuitBreaker::Permit permit;
  };

  /// A deployment whose breaker lets a call through; those that rest, or stand in `tried`, only
  /// when there is no other. Nothing when all breakers are open.
  std::optional<Lease> take(const std::set<std::size_t>& tried);

  /// The call was answered; its first piece came after `latency`.
  void answered(const Lease& lease, std::chrono::milliseconds latency);
  void failed(const Lease& lease, const ModelError& error);

  /// True when another deployment than `index` could be called without waiting.
  bool has_other(std::size_t index) const;
  CircuitBreaker::State state(std::size_t index) const;

 private:
  using Time = std::chrono::steady_clock::time_point;

  struct Deployment {
    double weight = 1;
    double credit = 0;  // of the smooth weighted rotation
    CircuitBreaker breaker;
    Time rests_until{};
    int in_flight = 0;
    std::optional<double> latency_ms;
    std::uint64_t last_taken = 0;
  };

  std::size_t choose(const std::vector<std::size_t>& candidates);
  std::size_t choose_weighted(const std::vector<std::size_t>& candidates);

  PoolOptions options_;
  ModelClock clock_;
  mutable std::mutex mutex_;
  std::vector<Deployment> deployments_;
  std::uint64_t taken_ = 0;
};

}  // namespace fairlead::agent
