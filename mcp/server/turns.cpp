#include <mcp/server/turns.h>

#include <algorithm>
#include <new>
#include <utility>

#include <mcp/server/call.h>
#include <mcp/server/run.h>

namespace mcp::server {
namespace {

constexpr std::size_t unbounded = static_cast<std::size_t>(-1);

std::size_t less_a_quarter(std::size_t count) {
  return count - count / 4;
}

// A pipe has one caller, who has nobody to share with.
bool is_alone(const std::string& caller) {
  return caller.empty();
}

}  // namespace

Turns::Turns(Executor& executor) : executor_(executor) {}

std::size_t Turns::share(std::size_t workers, std::size_t callers) {
  return std::max<std::size_t>(less_a_quarter(workers) / callers, 1);
}

bool Turns::try_wait(const std::shared_ptr<Call>& call) {
  // Before a worker can ask for it.
  if (!add(call, less_a_quarter(executor_.capacity().waiting))) return false;
  if (executor_.try_submit([self = shared_from_this()] { self->work(); })) return true;
  if (remove(call)) return false;
  // Another call's turn came meanwhile and has taken this one: that one needs a turn now.
  executor_.submit_admitted([self = shared_from_this()] { self->work(); });
  return true;
}

void Turns::wait(const std::shared_ptr<Call>& call) {
  add(call, unbounded);
  executor_.submit_admitted([self = shared_from_this()] { self->work(); });
}

void Turns::clear() {
  Queues dropped;  // destroyed unlocked
  const std::lock_guard lock(mutex_);
  order_.clear();
  for (auto& [name, queue] : queues_) dropped[name].waiting.swap(queue.waiting);
}

bool Turns::add(const std::shared_ptr<Call>& call, std::size_t most_waiting) {
  const std::lock_guard lock(mutex_);
  Caller& caller = *queues_.try_emplace(call->caller.counted_as).first;
  if (!is_alone(caller.first) && caller.second.waiting.size() >= most_waiting) {
    forget_idle(caller.first);
    return false;
  }
  caller.second.waiting.push_back(call);
  if (caller.second.waiting.size() == 1) order_.push_back(&caller);
  ++call->core->metrics.queued;
  return true;
}

// False when a worker has taken it.
bool Turns::remove(const std::shared_ptr<Call>& call) {
  const std::lock_guard lock(mutex_);
  const auto caller = queues_.find(call->caller.counted_as);
  if (caller == queues_.end()) return false;
  auto& waiting = caller->second.waiting;
  const auto last = std::find(waiting.rbegin(), waiting.rend(), call);
  if (last == waiting.rend()) return false;
  waiting.erase(std::next(last).base());
  --call->core->metrics.queued;
  if (waiting.empty()) std::erase(order_, &*caller);
  forget_idle(caller->first);
  return true;
}

void Turns::work() {
  for (Turn turn = take(); turn.call; turn = take()) {
    Run::start(std::move(turn.call));
    if (!give_back(*turn.caller)) return;
    try {
      executor_.submit_admitted([self = shared_from_this()] { self->work(); });
      return;
    } catch (const std::bad_alloc&) {
      // The kept turn is taken here: nobody else would.
    }
  }
}

Turns::Turn Turns::take() {
  const std::lock_guard lock(mutex_);
  const std::size_t most =
      share(executor_.capacity().running, std::max<std::size_t>(queues_.size(), 1));
  for (std::size_t asked = order_.size(); asked > 0; --asked) {
    Caller* const caller = order_.front();
    order_.pop_front();
    Queue& queue = caller->second;
    if (queue.running < most || is_alone(caller->first)) {
      Turn turn{std::move(queue.waiting.front()), caller};
      queue.waiting.pop_front();
      ++queue.running;
      if (!queue.waiting.empty()) order_.push_back(caller);
      --turn.call->core->metrics.queued;
      return turn;
    }
    order_.push_back(caller);
  }
  if (!order_.empty()) ++kept_;
  return {};
}

// True when a kept turn is to be taken now.
bool Turns::give_back(Caller& caller) {
  const std::lock_guard lock(mutex_);
  --caller.second.running;
  forget_idle(caller.first);
  if (kept_ == 0 || order_.empty()) return false;
  --kept_;
  return true;
}

void Turns::forget_idle(const std::string& caller) {
  const auto known = queues_.find(caller);
  if (known->second.running == 0 && known->second.waiting.empty()) queues_.erase(known);
}

}  // namespace mcp::server
