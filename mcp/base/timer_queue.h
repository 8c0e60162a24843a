#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

#include <mcp/base/runtime.h>

namespace mcp {

/// The timers of one loop, in the order in which they are due; those due at the same time in the
/// order in which they were added. Any thread.
class TimerQueue {
 public:
  struct Added {
    Loop::TimerId id;
    /// True when no other timer is due before it: whoever waits for the next one waits too long.
    bool is_next;
  };

  /// A delay of centuries is taken as ten years, a negative one as none.
  Added add(TimePoint now, Duration delay, Task task);
  void cancel(Loop::TimerId timer);
  /// When the next timer is due.
  std::optional<TimePoint> next() const;
  /// Takes the next timer that is due at `now`. One at a time, so that a task that runs can still
  /// cancel the ones behind it. An empty result: none is due.
  std::optional<Task> take_due(TimePoint now);
  /// Forgets all of them and gives their tasks to the caller, who destroys them unlocked.
  std::map<std::pair<TimePoint, std::uint64_t>, Task> take_all();

 private:
  mutable std::mutex mutex_;
  std::uint64_t last_id_ = 0;
  std::map<std::pair<TimePoint, std::uint64_t>, Task> tasks_;
  std::unordered_map<std::uint64_t, TimePoint> due_;
};

}  // namespace mcp
