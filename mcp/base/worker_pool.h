#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <mcp/base/runtime.h>

namespace mcp {

/// Threads that run tasks, fed in batches. At most one of them is being woken at a time: it wakes
/// the next if work remains, so that a batch of quick tasks costs one wake-up and a slow task holds
/// up no other. Any thread.
///
/// The threads share ownership of the pool: one that is stuck in its task may outlive `stop`.
class WorkerPool : public std::enable_shared_from_this<WorkerPool> {
 public:
  using Report = std::function<void(const std::string&)>;

  /// `queue_limit` bounds the reservations.
  WorkerPool(std::size_t threads, std::size_t max_threads, std::size_t queue_limit, Report report);

  /// Every thread will hold `keep_alive`. Before anything else.
  void hold(std::weak_ptr<void> keep_alive) { keep_alive_ = std::move(keep_alive); }
  /// Starts the first thread, unless there is one; throws std::system_error when there can be none.
  void start();

  /// Takes a place in the queue; false when there is none, or the pool has stopped.
  bool reserve();
  /// Takes a place although there is none; false only when the pool has stopped.
  bool reserve_admitted();
  /// Queues tasks, one for each reservation; leaves `batch` empty. After `stop` they are dropped.
  void hand_over(std::vector<Task>& batch);

  struct Progress {
    /// Tasks taken from the queue so far.
    std::uint64_t taken;
    /// Tasks wait in the queue.
    bool waiting;
    /// They wait because every thread is busy.
    bool saturated;
    bool operator==(const Progress&) const = default;
  };
  Progress progress() const;
  Executor::Capacity capacity() const { return {.running = max_threads_, .waiting = queue_limit_}; }
  /// One more thread than `threads`, up to `max_threads`.
  void add_thread();

  /// True on one of the pool's own threads.
  bool is_current() const;
  /// Drops what is queued, waits at most `timeout` for the tasks that run, joins. Threads that are
  /// still busy then are left behind; returns how many. Once.
  std::size_t stop(Duration timeout);

 private:
  struct Worker {
    std::thread thread;
    bool ended = false;
  };

  void wake();
  void start_thread();
  void work(Worker& self);

  const std::size_t threads_;
  const std::size_t max_threads_;
  const std::size_t queue_limit_;
  const Report report_;

  std::atomic<std::size_t> reserved_{0};
  std::atomic<bool> stopping_{false};

  mutable std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable ended_;
  std::deque<Task> queue_;
  std::deque<Worker> workers_;  // a deque: the threads hold references to their places
  std::weak_ptr<void> keep_alive_;
  std::size_t idle_ = 0;
  std::uint64_t taken_ = 0;
  bool waking_ = false;
};

}  // namespace mcp
