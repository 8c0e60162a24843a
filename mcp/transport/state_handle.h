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
    const auto order = order_;
    const std::lock_guard lock(order->mutex);
    if (std::exchange(order->started, true)) return;
    loop_.post([state = state_, &handler] { state->start(handler); });
    if (order->closed) post_close();
  }
  bool send(std::string bytes) override {
    return !order_->closed && state_->send(std::move(bytes));
  }
  void close() override {
    // Held here: the owner may destroy the transport as soon as it is told of the end.
    const auto order = order_;
    const std::lock_guard lock(order->mutex);
    if (!order->closed.exchange(true) && order->started) post_close();
  }

 private:
  /// Keeps the order of what is posted.
  struct Order {
    std::mutex mutex;
    bool started = false;
    std::atomic<bool> closed = false;
  };

  void post_close() {
    loop_.post([state = state_] { state->close(); });
  }

  Loop& loop_;
  const std::shared_ptr<State> state_;
  const std::shared_ptr<Order> order_ = std::make_shared<Order>();
};

}  // namespace mcp
