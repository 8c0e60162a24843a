#include <client/model/circuit_breaker.h>

namespace fairlead::agent {

CircuitBreaker::State CircuitBreaker::state(Time now) const {
  return state_ == State::open && now >= open_until_ ? State::half_open : state_;
}

void CircuitBreaker::enter(State state) {
  state_ = state;
  ++epoch_;
  failures_ = 0;
  probes_ = 0;
}

std::optional<CircuitBreaker::Permit> CircuitBreaker::begin(Time now) {
  if (state(now) != state_) enter(State::half_open);
  if (state_ == State::open) return std::nullopt;
  if (state_ == State::half_open) {
    if (probes_ >= options_.half_open_probes) return std::nullopt;
    ++probes_;
  }
  return Permit{epoch_};
}

void CircuitBreaker::succeeded(Permit permit) {
  if (permit.epoch != epoch_) return;
  failures_ = 0;
  if (state_ == State::half_open) enter(State::closed);
}

void CircuitBreaker::failed(Permit permit, Time now) {
  if (permit.epoch != epoch_) return;
  if (state_ == State::closed && ++failures_ < options_.failures) return;
  open_until_ = now + options_.open_time;
  enter(State::open);
}

void CircuitBreaker::abandoned(Permit permit) {
  if (permit.epoch == epoch_ && state_ == State::half_open) --probes_;
}

const char* to_string(CircuitBreaker::State state) {
  switch (state) {
    case CircuitBreaker::State::closed:
      return "closed";
    case CircuitBreaker::State::open:
      return "open";
    case CircuitBreaker::State::half_open:
      break;
  }
  return "half_open";
}

}  // namespace fairlead::agent
