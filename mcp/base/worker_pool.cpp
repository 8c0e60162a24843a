#include <mcp/base/worker_pool.h>

#include <algorithm>
#include <exception>
#include <system_error>
#include <utility>

namespace mcp {
namespace {

thread_local const WorkerPool* current_pool = nullptr;

}  // namespace

WorkerPool::WorkerPool(std::size_t threads, std::size_t max_threads, std::size_t queue_limit,
                       Report report)
    : threads_(std::max<std::size_t>(threads, 1)),
      max_threads_(std::max(threads_, max_threads)),
      queue_limit_(queue_limit),
      report_(std::move(report)) {}

void WorkerPool::start() {
  std::lock_guard lock(mutex_);
  if (workers_.empty() && !stopping_) start_thread();
}

bool WorkerPool::reserve() {
  if (stopping_.load(std::memory_order_relaxed)) return false;
  if (reserved_.fetch_add(1, std::memory_order_relaxed) < queue_limit_) return true;
  reserved_.fetch_sub(1, std::memory_order_relaxed);
  return false;
}

bool WorkerPool::reserve_admitted() {
  if (stopping_.load(std::memory_order_relaxed)) return false;
  reserved_.fetch_add(1, std::memory_order_relaxed);
  return true;
}

void WorkerPool::hand_over(std::vector<Task>& batch) {
  std::vector<Task> dropped;  // destroyed unlocked
  std::lock_guard lock(mutex_);
  if (stopping_) {
    dropped.swap(batch);
    return;
  }
  for (Task& task : batch) queue_.push_back(std::move(task));
  batch.clear();
  wake();
}

WorkerPool::Progress WorkerPool::progress() const {
  std::lock_guard lock(mutex_);
  return {.taken = taken_,
          .waiting = !queue_.empty(),
          .saturated = !queue_.empty() && idle_ == 0 && !waking_};
}

void WorkerPool::add_thread() {
  std::lock_guard lock(mutex_);
  if (stopping_ || waking_ || workers_.size() >= max_threads_) return;
  try {
    start_thread();
  } catch (const std::system_error&) {
    // The system has no more threads: those there are go on.
  }
}

bool WorkerPool::is_current() const {
  return current_pool == this;
}

std::size_t WorkerPool::stop(Duration timeout) {
  std::deque<Task> dropped;
  std::size_t left_behind = 0;
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    dropped.swap(queue_);
    work_.notify_all();
  }
  dropped.clear();
  {
    std::unique_lock lock(mutex_);
    const std::size_t self = is_current() ? 1 : 0;
    ended_.wait_for(lock, timeout, [&] {
      const auto ended = std::count_if(workers_.begin(), workers_.end(),
                                       [](const Worker& worker) { return worker.ended; });
      return static_cast<std::size_t>(ended) + self == workers_.size();
    });
    for (Worker& worker : workers_) {
      if (worker.ended) continue;
      worker.thread.detach();
      ++left_behind;
    }
  }
  // Unlocked: a thread that has ended its work still has to release the lock.
  for (Worker& worker : workers_) {
    if (worker.thread.joinable()) worker.thread.join();
  }
  return left_behind;
}

void WorkerPool::wake() {  // with the mutex held
  if (waking_ || queue_.empty()) return;
  if (idle_ > 0) {
    waking_ = true;
    work_.notify_one();
  } else if (workers_.size() < threads_) {
    try {
      start_thread();
    } catch (const std::system_error&) {
      // As in add_thread.
    }
  }
}

void WorkerPool::start_thread() {  // with the mutex held
  // A thread that starts is one that wakes up.
  Worker& worker = workers_.emplace_back();
  try {
    worker.thread = std::thread(
        [this, &worker, pool = shared_from_this(), kept = keep_alive_.lock()] { work(worker); });
    waking_ = true;
  } catch (...) {
    workers_.pop_back();
    throw;
  }
}

void WorkerPool::work(Worker& self) {
  current_pool = this;
  std::unique_lock lock(mutex_);
  waking_ = false;
  for (;;) {
    while (queue_.empty() && !stopping_) {
      ++idle_;
      work_.wait(lock);
      --idle_;
      waking_ = false;
    }
    if (stopping_) break;
    Task task = std::move(queue_.front());
    queue_.pop_front();
    ++taken_;
    reserved_.fetch_sub(1, std::memory_order_relaxed);
    wake();
    lock.unlock();
    try {
      task();
    } catch (const std::exception& error) {
      report_(std::string("a task on a worker thread let an exception out: ") + error.what());
    } catch (...) {
      report_("a task on a worker thread let an exception out");
    }
    task = nullptr;  // what it captured goes before the lock is taken
    lock.lock();
  }
  self.ended = true;
  ended_.notify_all();
}

}  // namespace mcp
