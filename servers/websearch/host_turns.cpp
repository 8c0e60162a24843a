#include "servers/websearch/host_turns.h"

#include <algorithm>

namespace fairlead::websearch {

HostTurns::Turn HostTurns::wait(const std::string& host, std::chrono::milliseconds pause,
                                const Deadline& deadline) {
  std::unique_lock lock(mutex_);
  if (hosts_.size() >= max_hosts) {
    std::erase_if(hosts_,
                  [](const auto& each) { return !each.second.busy && each.second.waiting == 0; });
  }
  Host& state = hosts_[host];
  ++state.waiting;
  const auto end = Deadline::Clock::now() + deadline.left();
  for (;;) {
    const auto now = Deadline::Clock::now();
    const bool fresh = state.last_end == Deadline::Clock::time_point{};
    const auto free_at = fresh ? now : state.last_end + pause;
    if (!state.busy && free_at <= now && !deadline.passed()) break;
    if (deadline.passed()) {
      --state.waiting;
      lock.unlock();
      deadline.check();
      throw Failure("There was no turn for " + host +
                        " in time: calls to one host are made one after the other.",
                    Failure::Kind::timeout);
    }
    // Both wake for a stop too.
    if (state.busy) {
      changed_.wait_until(lock, deadline.stop(), end, [&state] { return !state.busy; });
    } else {
      changed_.wait_until(lock, deadline.stop(), std::min(end, free_at), [] { return false; });
    }
  }
  state.busy = true;
  --state.waiting;
  return Turn(*this, host);
}

void HostTurns::end(const std::string& host) {
  {
    const std::lock_guard lock(mutex_);
    Host& state = hosts_[host];
    state.busy = false;
    state.last_end = Deadline::Clock::now();
  }
  changed_.notify_all();
}

}  // namespace fairlead::websearch
