#pragma once

// Not for users: what stdio and child processes have in common.

#include <memory>
#include <string>
#include <utility>

#include <mcp/base/runtime.h>
#include <mcp/transport/transport.h>

namespace mcp {

/// The transport in its owner's hands, for a state that lives on the loop: everything but `send`
/// goes there first.
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
    loop_.post([state = state_, &handler] { state->start(handler); });
  }
  bool send(std::string bytes) override { return state_->send(std::move(bytes)); }
  void close() override {
    loop_.post([state = state_] { state->close(); });
  }

 private:
  Loop& loop_;
  const std::shared_ptr<State> state_;
};

}  // namespace mcp
