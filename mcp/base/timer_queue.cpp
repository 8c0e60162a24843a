#include <mcp/base/timer_queue.h>

#include <algorithm>

namespace mcp {

TimerQueue::Added TimerQueue::add(TimePoint now, Duration delay, Task task) {
  constexpr Duration longest = std::chrono::hours(24 * 3652);
  const TimePoint when = now + std::clamp(delay, Duration::zero(), longest);
  std::lock_guard lock(mutex_);
  const std::uint64_t id = ++last_id_;
  const auto place = tasks_.emplace(std::pair(when, id), std::move(task)).first;
  due_.emplace(id, when);
  return {static_cast<Loop::TimerId>(id), place == tasks_.begin()};
}

void TimerQueue::cancel(Loop::TimerId timer) {
  Task dropped;  // destroyed after the lock is released: its captures may call back
  std::lock_guard lock(mutex_);
  const auto due = due_.find(static_cast<std::uint64_t>(timer));
  if (due == due_.end()) return;
  const auto place = tasks_.find({due->second, due->first});
  dropped = std::move(place->second);
  tasks_.erase(place);
  due_.erase(due);
}

std::optional<TimePoint> TimerQueue::next() const {
  std::lock_guard lock(mutex_);
  if (tasks_.empty()) return std::nullopt;
  return tasks_.begin()->first.first;
}

std::optional<Task> TimerQueue::take_due(TimePoint now) {
  std::lock_guard lock(mutex_);
  if (tasks_.empty() || tasks_.begin()->first.first > now) return std::nullopt;
  auto first = tasks_.extract(tasks_.begin());
  due_.erase(first.key().second);
  return std::move(first.mapped());
}

std::map<std::pair<TimePoint, std::uint64_t>, Task> TimerQueue::take_all() {
  std::lock_guard lock(mutex_);
  due_.clear();
  return std::exchange(tasks_, {});
}

}  // namespace mcp
