#include <algorithm>

#include <client/model/deployment_pool.h>

namespace fairlead::agent {
namespace {

/// How much of the moving average is the newest call.
constexpr double newest_share = 0.2;

/// Whether the failure says that the deployment itself is unwell.
bool is_unwell(ModelError::Kind kind) {
  using Kind = ModelError::Kind;
  return kind == Kind::overloaded || kind == Kind::server || kind == Kind::network ||
         kind == Kind::timeout || kind == Kind::malformed;
}

}  // namespace

DeploymentPool::DeploymentPool(std::vector<double> weights, PoolOptions options, ModelClock clock)
    : options_(options), clock_(std::move(clock)) {
  for (const double weight : weights) {
    Deployment deployment;
    deployment.weight = weight;
    deployment.breaker = CircuitBreaker(options_.breaker);
    deployments_.push_back(std::move(deployment));
  }
}

std::optional<DeploymentPool::Lease> DeploymentPool::take(const std::set<std::size_t>& tried) {
  const std::lock_guard lock(mutex_);
  const Time now = clock_.now();
  // Best first: rested and not tried, rested, any.
  for (int compromise = 0; compromise < 3; ++compromise) {
    std::vector<std::size_t> candidates;
    for (std::size_t i = 0; i < deployments_.size(); ++i) {
      if (compromise < 1 && tried.contains(i)) continue;
      if (compromise < 2 && deployments_[i].rests_until > now) continue;
      candidates.push_back(i);
    }
    while (!candidates.empty()) {
      const std::size_t index = choose(candidates);
      Deployment& deployment = deployments_[index];
      if (const auto permit = deployment.breaker.begin(now)) {
        ++deployment.in_flight;
        deployment.last_taken = ++taken_;
        return Lease{index, *permit};
      }
      std::erase(candidates, index);
    }
  }
  return std::nullopt;
}

std::size_t DeploymentPool::choose(const std::vector<std::size_t>& candidates) {
  const auto least = [&](auto measure) {
    return *std::min_element(candidates.begin(), candidates.end(),
                             [&](std::size_t a, std::size_t b) {
                               const auto left = measure(deployments_[a]);
                               const auto right = measure(deployments_[b]);
                               // Among equals the one that waited longest.
                               if (left == right)
                                 return deployments_[a].last_taken < deployments_[b].last_taken;
                               return left < right;
                             });
  };
  const auto longest_ago = [&] {
    return least([](const Deployment& deployment) { return deployment.last_taken; });
  };
  switch (options_.balancing) {
    case Balancing::weighted:
      return choose_weighted(candidates);
    case Balancing::least_busy:
      return least([](const Deployment& deployment) { return deployment.in_flight; });
    case Balancing::latency:
      if (clock_.random() < options_.exploration) return longest_ago();
      // One that was never measured counts as the fastest.
      return least([](const Deployment& deployment) { return deployment.latency_ms.value_or(0); });
    case Balancing::round_robin:
      break;
  }
  return longest_ago();
}

std::size_t DeploymentPool::choose_weighted(const std::vector<std::size_t>& candidates) {
  // Everyone earns its weight, the richest is taken and pays the sum: 5:3 gives abababaa, never
  // aaaaabbb.
  double sum = 0;
  std::size_t richest = candidates.front();
  for (const std::size_t index : candidates) {
    deployments_[index].credit += deployments_[index].weight;
    sum += deployments_[index].weight;
    if (deployments_[index].credit > deployments_[richest].credit) richest = index;
  }
  deployments_[richest].credit -= sum;
  return richest;
}

void DeploymentPool::answered(const Lease& lease, std::chrono::milliseconds latency) {
  const std::lock_guard lock(mutex_);
  Deployment& deployment = deployments_[lease.index];
  --deployment.in_flight;
  deployment.breaker.succeeded(lease.permit);
  deployment.rests_until = {};
  const auto newest = static_cast<double>(latency.count());
  const double before = deployment.latency_ms.value_or(newest);
  deployment.latency_ms = before + newest_share * (newest - before);
}

void DeploymentPool::failed(const Lease& lease, const ModelError& error) {
  const std::lock_guard lock(mutex_);
  const Time now = clock_.now();
  Deployment& deployment = deployments_[lease.index];
  --deployment.in_flight;
  if (is_unwell(error.kind())) {
    deployment.breaker.failed(lease.permit, now);
  } else if (error.kind() == ModelError::Kind::cancelled ||
             error.kind() == ModelError::Kind::budget) {
    deployment.breaker.abandoned(lease.permit);
  } else {
    deployment.breaker.succeeded(lease.permit);  // it refused, so it lives
  }
  if (error.kind() == ModelError::Kind::rate_limit || error.retry_after()) {
    deployment.rests_until = now + error.retry_after().value_or(options_.cool_down);
  }
}

bool DeploymentPool::has_other(std::size_t index) const {
  const std::lock_guard lock(mutex_);
  const Time now = clock_.now();
  for (std::size_t i = 0; i < deployments_.size(); ++i) {
    const Deployment& other = deployments_[i];
    if (i != index && other.rests_until <= now &&
        other.breaker.state(now) == CircuitBreaker::State::closed) {
      return true;
    }
  }
  return false;
}

CircuitBreaker::State DeploymentPool::state(std::size_t index) const {
  const std::lock_guard lock(mutex_);
  return deployments_.at(index).breaker.state(clock_.now());
}

}  // namespace fairlead::agent
