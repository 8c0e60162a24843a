#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <client/model/deployment_pool.h>
#include <client/model/model.h>
#include <client/model/retry.h>

namespace fairlead::agent {

/// One place where a model can be called. It makes one try and no more.
struct Deployment {
  std::string name;
  std::shared_ptr<Model> model;
  double weight = 1;
};

struct DeployedModel {
  std::string name;
  std::vector<Deployment> deployments;
  PoolOptions pool;
  /// For one try; zero: only the call's own limits.
  std::chrono::milliseconds try_time{0};
};

/// What happens when an answer breaks off after some of it was heard.
enum class MidStream {
  stop,     ///< the call fails and says so
  restart,  ///< asked for again, if the listener can take back what it heard; else as `stop`
};

struct AccessOptions {
  RetryOptions retry;
  /// For one call with all its tries and waits; zero: no limit.
  std::chrono::milliseconds total_time{0};
  MidStream mid_stream = MidStream::stop;
  /// Calls at the same time; the next one waits.
  std::size_t max_in_flight = 10;
};

/// The one place where calls of models are tried again, spread over deployments and passed on to
/// other models. A chain of n models makes at most n × `retry.tries` requests, whatever happens.
/// Thread-safe.
class ModelAccess {
 public:
  /// Throws std::invalid_argument for a model without deployments or a name that stands twice.
  ModelAccess(std::vector<DeployedModel> models, AccessOptions options,
              ModelClock clock = ModelClock::system());

  /// Asks the models of `chain` in order until one answers. Blocks.
  /// Throws ModelError: that of the model when there is one, else one that says why each failed;
  /// std::invalid_argument for a model that is not there.
  ModelReply reply(const std::vector<std::string>& chain, const ModelRequest& request,
                   ModelListener& listener, std::stop_token stop);

  bool has(const std::string& model) const { return models_.contains(model); }
  /// Throws std::out_of_range.
  CircuitBreaker::State state(const std::string& model, std::size_t deployment) const;

 private:
  struct Entry {
    DeployedModel model;
    std::unique_ptr<DeploymentPool> pool;
  };
  class Call;
  class Slot;

  AccessOptions options_;
  ModelClock clock_;
  std::map<std::string, Entry> models_;
  std::mutex mutex_;
  std::condition_variable_any slot_free_;
  std::size_t in_flight_ = 0;
};

/// One chain of a ModelAccess, as a Model.
class ChainModel : public Model {
 public:
  ChainModel(std::shared_ptr<ModelAccess> access, std::vector<std::string> chain)
      : access_(std::move(access)), chain_(std::move(chain)) {}
  ModelReply reply(const ModelRequest& request, ModelListener& listener,
                   std::stop_token stop) override {
    return access_->reply(chain_, request, listener, std::move(stop));
  }
  std::string name() const override { return chain_.front(); }

 private:
  std::shared_ptr<ModelAccess> access_;
  std::vector<std::string> chain_;
};

/// A model with a single deployment behind the layer: its tries, its breaker.
std::unique_ptr<Model> make_single_model(std::unique_ptr<Model> model, AccessOptions options = {},
                                         ModelClock clock = ModelClock::system());

}  // namespace fairlead::agent
