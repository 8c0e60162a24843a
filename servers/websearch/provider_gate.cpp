#include "servers/websearch/provider_gate.h"

#include <algorithm>

namespace fairlead::websearch {
namespace {

std::string seconds_text(std::chrono::steady_clock::duration time) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(time).count();
  return std::to_string(seconds) + " s";
}

}  // namespace

ProviderGate::Admission ProviderGate::admit(Time now, std::chrono::milliseconds patience) {
  const std::lock_guard lock(mutex_);
  const auto refuse = [](std::string why) {
    return Admission{.admitted = false, .reason = std::move(why)};
  };
  if (state_ == State::closed) {
    if (now < closed_until_) {
      return refuse("it failed " + std::to_string(limits_.failures) +
                    " times in a row; it is tried again in " + seconds_text(closed_until_ - now));
    }
    state_ = State::probing;
    probes_given_ = 0;
    probes_succeeded_ = 0;
  }
  if (state_ == State::probing && probes_given_ >= limits_.probes) {
    return refuse("it failed before, and is being tried by other calls");
  }
  const Time turn = std::max({now, next_turn_, not_before_});
  if (turn - now > patience) {
    const bool told = not_before_ > now;
    return {.admitted = false,
            .wait = std::chrono::ceil<std::chrono::milliseconds>(turn - now),
            .queued = true,
            .reason = told ? "it asked for no calls for another " + seconds_text(not_before_ - now)
                           : "its queue is " + seconds_text(turn - now) + " long"};
  }
  if (limits_.calls_per_day != 0 && take_of_today_ && !take_of_today_()) {
    return refuse("its " + std::to_string(limits_.calls_per_day) + " calls of today are used up");
  }
  next_turn_ = turn + std::chrono::duration_cast<Time::duration>(
                          std::chrono::duration<double>(1 / limits_.calls_per_second));
  const bool probe = state_ == State::probing;
  if (probe) ++probes_given_;
  return {.admitted = true,
          .wait = std::chrono::ceil<std::chrono::milliseconds>(turn - now),
          .probe = probe};
}

// A call from before it closed says nothing of the service since.

void ProviderGate::succeeded(const Admission& call) {
  const std::lock_guard lock(mutex_);
  if (state_ == State::open) failures_ = 0;
  if (state_ != State::probing || !call.probe) return;
  if (++probes_succeeded_ >= limits_.probes) state_ = State::open;
}

void ProviderGate::failed(const Admission& call, Time now) {
  const std::lock_guard lock(mutex_);
  if (state_ == State::probing && call.probe) close(now);
  if (state_ == State::open && ++failures_ >= limits_.failures) close(now);
}

void ProviderGate::told_to_wait(const Admission& call, Time now, std::chrono::milliseconds after) {
  const std::lock_guard lock(mutex_);
  not_before_ = std::max(not_before_, now + after);
  if (state_ == State::probing && call.probe) --probes_given_;
}

void ProviderGate::abandoned(const Admission& call) {
  const std::lock_guard lock(mutex_);
  if (state_ == State::probing && call.probe) --probes_given_;
}

void ProviderGate::close(Time now) {
  state_ = State::closed;
  failures_ = 0;
  closed_until_ = now + limits_.closed;
}

}  // namespace fairlead::websearch
