#include <algorithm>
#include <optional>
#include <set>
#include <stdexcept>

#include <client/model/model_access.h>

namespace fairlead::agent {
namespace {

using std::chrono::milliseconds;
using Time = std::chrono::steady_clock::time_point;

/// Passes everything on and notes when the answer began.
class FirstPiece : public ModelListener {
 public:
  FirstPiece(ModelListener& listener, const ModelClock& clock)
      : listener_(listener), clock_(clock) {}

  void text(std::string_view delta) override {
    note();
    listener_.text(delta);
  }
  void thinking(std::string_view delta) override {
    note();
    listener_.thinking(delta);
  }
  void tool_call_started(const std::string& id, const std::string& name) override {
    note();
    listener_.tool_call_started(id, name);
  }
  void tool_call_arguments(const std::string& id, std::string_view delta) override {
    note();
    listener_.tool_call_arguments(id, delta);
  }
  void tool_call_finished(const ToolCall& call) override {
    note();
    listener_.tool_call_finished(call);
  }
  void usage(const Usage& usage) override { listener_.usage(usage); }
  void finished(FinishReason reason) override {
    note();
    listener_.finished(reason);
  }

  std::optional<Time> heard() const { return heard_; }

 private:
  void note() {
    if (!heard_) heard_ = clock_.now();
  }

  ModelListener& listener_;
  const ModelClock& clock_;
  std::optional<Time> heard_;
};

std::string in_words(const std::vector<FailedTry>& failures) {
  std::string words;
  for (const FailedTry& failure : failures) {
    if (!words.empty()) words += "; ";
    words += failure.model;
    if (!failure.deployment.empty() && failure.deployment != failure.model) {
      words += " at " + failure.deployment;
    }
    words += ": " + failure.message;
  }
  return words;
}

}  // namespace

/// A place among those that may run at the same time.
class ModelAccess::Slot {
 public:
  Slot(ModelAccess& access, std::stop_token stop) : access_(access) {
    std::unique_lock lock(access_.mutex_);
    const bool free = access_.slot_free_.wait(
        lock, std::move(stop), [&] { return access_.in_flight_ < access_.options_.max_in_flight; });
    if (!free) throw ModelError(ModelError::Kind::cancelled, "cancelled");
    ++access_.in_flight_;
  }
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;
  ~Slot() {
    const std::lock_guard lock(access_.mutex_);
    --access_.in_flight_;
    access_.slot_free_.notify_one();
  }

 private:
  ModelAccess& access_;
};

/// One call, from the first try to its end.
class ModelAccess::Call {
 public:
  Call(ModelAccess& access, const ModelRequest& request, ModelListener& listener,
       std::stop_token stop)
      : access_(access), request_(request), listener_(listener), stop_(std::move(stop)) {
    if (access_.options_.total_time.count() > 0) {
      deadline_ = access_.clock_.now() + access_.options_.total_time;
    }
  }

  ModelReply run(const std::vector<std::string>& chain) {
    for (std::size_t i = 0; i < chain.size(); ++i) {
      if (auto reply = ask(access_.models_.at(chain[i]))) {
        reply->failures = std::move(failures_);
        return std::move(*reply);
      }
      if (time_is_over()) break;
      if (i + 1 < chain.size()) listener_.falling_back(chain[i], chain[i + 1], *last_);
    }
    if (chain.size() == 1) throw *last_;
    ModelError error(last_->kind(), "no model answered: " + in_words(failures_), last_->status());
    error.set_retry_after(last_->retry_after());
    throw error;
  }

 private:
  /// Nothing: another model may be asked.
  std::optional<ModelReply> ask(Entry& entry) {
    std::set<std::size_t> tried;
    for (int failed = 0;;) {
      if (time_is_over()) {
        note(entry.model.name, "",
             ModelError(ModelError::Kind::timeout, "the time for the whole call is over"));
        return std::nullopt;
      }
      const auto lease = entry.pool->take(tried);
      if (!lease) {
        note(entry.model.name, "",
             ModelError(ModelError::Kind::overloaded,
                        "not asked: it failed too often and rests (circuit breaker)"));
        return std::nullopt;
      }
      auto reply = try_once(entry, *lease);
      if (reply) return reply;
      ++failed;
      tried.insert(lease->index);
      if (recovery_of(last_->kind()) == Recovery::next_model) return std::nullopt;
      auto delay = retry_delay(*last_, failed, access_.options_.retry, access_.clock_.random());
      // Not a second time: when all are unwell, the wait is what they need.
      const bool other =
          tried.size() < entry.model.deployments.size() && entry.pool->has_other(lease->index);
      if (other && failed < access_.options_.retry.tries) delay = milliseconds(0);
      if (!delay) return std::nullopt;
      // Another model now is better than this one too late.
      if (deadline_ && access_.clock_.now() + *delay >= *deadline_) return std::nullopt;
      listener_.retrying(failed, *delay, *last_);
      if (delay->count() > 0 && !access_.clock_.wait(*delay, stop_)) {
        throw ModelError(ModelError::Kind::cancelled, "cancelled");
      }
    }
  }

  /// Nothing when it failed and may be repeated, here or elsewhere.
  std::optional<ModelReply> try_once(Entry& entry, const DeploymentPool::Lease& lease) {
    const Deployment& deployment = entry.model.deployments[lease.index];
    const Time begin = access_.clock_.now();
    FirstPiece first(listener_, access_.clock_);
    try {
      ModelReply reply = deployment.model->reply(limited(entry.model, begin), first, stop_);
      const Time heard = first.heard().value_or(access_.clock_.now());
      entry.pool->answered(lease, std::chrono::duration_cast<milliseconds>(heard - begin));
      reply.served_by = entry.model.name;
      reply.deployment = deployment.name;
      return reply;
    } catch (const ModelError& error) {
      entry.pool->failed(lease, error);
      note(entry.model.name, deployment.name, error);
      if (recovery_of(error.kind()) == Recovery::stop) throw;
      if (first.heard()) {
        if (access_.options_.mid_stream == MidStream::stop || !listener_.take_back(error)) throw;
      }
      return std::nullopt;
    } catch (...) {
      entry.pool->failed(lease, ModelError(ModelError::Kind::cancelled, "broken off"));
      throw;
    }
  }

  ModelRequest limited(const DeployedModel& model, Time now) const {
    ModelRequest request = request_;
    const auto at_most = [&](milliseconds time) {
      request.max_time = std::min(request.max_time.value_or(time), time);
    };
    if (model.try_time.count() > 0) at_most(model.try_time);
    if (deadline_) {
      at_most(std::max(milliseconds(1), std::chrono::ceil<milliseconds>(*deadline_ - now)));
    }
    return request;
  }

  bool time_is_over() const { return deadline_ && access_.clock_.now() >= *deadline_; }

  void note(const std::string& model, const std::string& deployment, const ModelError& error) {
    failures_.push_back({model, deployment, error.kind(), error.what()});
    last_ = error;
  }

  ModelAccess& access_;
  const ModelRequest& request_;
  ModelListener& listener_;
  std::stop_token stop_;
  std::optional<Time> deadline_;
  std::vector<FailedTry> failures_;
  std::optional<ModelError> last_;
};

ModelAccess::ModelAccess(std::vector<DeployedModel> models, AccessOptions options, ModelClock clock)
    : options_(options), clock_(std::move(clock)) {
  for (DeployedModel& model : models) {
    if (model.deployments.empty()) {
      throw std::invalid_argument("the model " + model.name + " has no deployments");
    }
    std::vector<double> weights;
    for (const Deployment& deployment : model.deployments) weights.push_back(deployment.weight);
    auto pool = std::make_unique<DeploymentPool>(std::move(weights), model.pool, clock_);
    const std::string name = model.name;
    if (!models_.emplace(name, Entry{std::move(model), std::move(pool)}).second) {
      throw std::invalid_argument("two models are called " + name);
    }
  }
}

ModelReply ModelAccess::reply(const std::vector<std::string>& chain, const ModelRequest& request,
                              ModelListener& listener, std::stop_token stop) {
  if (chain.empty()) throw std::invalid_argument("a chain needs a model");
  for (const std::string& name : chain)
    if (!has(name)) throw std::invalid_argument("there is no model " + name);
  const Slot slot(*this, stop);
  return Call(*this, request, listener, std::move(stop)).run(chain);
}

CircuitBreaker::State ModelAccess::state(const std::string& model, std::size_t deployment) const {
  return models_.at(model).pool->state(deployment);
}

std::unique_ptr<Model> make_single_model(std::unique_ptr<Model> model, AccessOptions options,
                                         ModelClock clock) {
  DeployedModel single;
  single.name = model->name();
  single.deployments.push_back({single.name, std::move(model)});
  const std::string name = single.name;
  std::vector<DeployedModel> models;
  models.push_back(std::move(single));
  auto access = std::make_shared<ModelAccess>(std::move(models), options, std::move(clock));
  return std::make_unique<ChainModel>(std::move(access), std::vector<std::string>{name});
}

}  // namespace fairlead::agent
