#pragma once

// Not for users: what stdio and child processes have in common.

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include <mcp/base/runtime.h>
#include <mcp/transport/transport.h>

namespace mcp {

/// The transport in its owner's hands, for a state that lives on the loop: everything but `send`
/// goes there first. The state is started once, then closed once at most.
template <class State>
class StateHandle final : public Transport {
 public:
  StateHandle(Loop& loop, std::shared_ptr<State> state) : loop_(loop), state_(std::move(state)) {}
  ~StateHandle() override {
    if (loop_.is_current()) {
      state_->abandon();
    } else {
      loop_.post([state = state_] { state->abandon(); });
    }
  }
  StateHandle(const StateHandle&) = delete;
  StateHandle& operator=(const StateHandle&) = delete;

  void start(Handler& handler) override {
    std::lock_guard lock(mutex_);
    if (std::exchange(started_, true)) return;
    loop_.post([state = state_, &handler] { state->start(handler); });
    if (closed_) post_close();
  }
  bool send(std::string bytes) override { return !closed_ && state_->send(std::move(bytes)); }
  void close() override {
    std::lock_guard lock(mutex_);
    if (!closed_.exchange(true) && started_) post_close();
  }

 private:
  void post_close() {
    loop_.post([state = state_] { state->close(); });
  }

  Loop& loop_;
  const std::shared_ptr<State> state_;
  std::mutex mutex_;  // keeps the order of what is posted
  bool started_ = false;
  std::atomic<bool> closed_ = false;
};

}  // namespace mcp
