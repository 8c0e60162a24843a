#include <mcp/base/manual_runtime.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <limits>
#include <mutex>
#include <optional>
#include <random>
#include <stdexcept>
#include <thread>
#include <utility>

#include <mcp/base/timer_queue.h>

namespace mcp {
namespace {

constexpr std::size_t restless_tasks = 1'000'000;

/// First in, first out, filled from any thread.
class TaskQueue {
 public:
  explicit TaskQueue(std::size_t limit) : limit_(limit) {}

  bool try_push(Task&& task) {
    std::lock_guard lock(mutex_);
    if (tasks_.size() >= limit_) return false;
    tasks_.push_back(std::move(task));
    return true;
  }
  void push(Task&& task) {
    std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  std::optional<Task> pop() {
    std::lock_guard lock(mutex_);
    if (tasks_.empty()) return std::nullopt;
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    return task;
  }
  std::size_t size() const {
    std::lock_guard lock(mutex_);
    return tasks_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::size_t limit_;
  std::deque<Task> tasks_;
};

class ManualLoop final : public Loop {
 public:
  // Tasks that never ran may, when they are destroyed, still post and cancel.
  ~ManualLoop() override {
    do {
      while (posted_.pop()) {
      }
    } while (!timers_.take_all().empty());
  }

  void post(Task task) override { posted_.push(std::move(task)); }
  TimerId schedule(Duration delay, Task task) override {
    return timers_.add(now(), delay, std::move(task)).id;
  }
  void cancel(TimerId timer) override { timers_.cancel(timer); }
  TimePoint now() const override { return TimePoint(Duration(now_.load())); }
  bool is_current() const override { return runner_.load() == std::this_thread::get_id(); }

  /// Runs one task that is posted or due; false when there is none.
  bool run_one() {
    std::optional<Task> task = posted_.pop();
    if (!task) task = timers_.take_due(now());
    if (!task) return false;
    // Restored rather than cleared: a task of the loop may itself drive the loop.
    struct Current {
      std::atomic<std::thread::id>& runner;
      std::thread::id before = runner.exchange(std::this_thread::get_id());
      ~Current() { runner.store(before); }
    } current{runner_};
    (*task)();
    return true;
  }
  std::optional<TimePoint> next_timer() const { return timers_.next(); }
  void move_to(TimePoint time) { now_.store(time.time_since_epoch().count()); }

 private:
  TaskQueue posted_{static_cast<std::size_t>(-1)};
  TimerQueue timers_;
  std::atomic<Duration::rep> now_{Duration(std::chrono::hours(1)).count()};
  std::atomic<std::thread::id> runner_{};
};

class ManualExecutor final : public Executor {
 public:
  explicit ManualExecutor(std::size_t limit) : limit_(limit), tasks_(limit) {}
  bool try_submit(Task task) override { return tasks_.try_push(std::move(task)); }
  void submit_admitted(Task task) override { tasks_.push(std::move(task)); }
  // Nobody counts the threads that its tasks are run on.
  Capacity capacity() const override {
    return {.running = std::numeric_limits<std::size_t>::max(), .waiting = limit_};
  }
  bool run_one() {
    std::optional<Task> task = tasks_.pop();
    if (task) (*task)();
    return task.has_value();
  }
  std::size_t size() const { return tasks_.size(); }

 private:
  const std::size_t limit_;
  TaskQueue tasks_;
};

class ManualEnvironment final : public Environment {
 public:
  ManualEnvironment(const Loop& loop, const ManualRuntimeOptions& options)
      : loop_(loop), start_(loop.now()), wall_clock_(options.wall_clock), random_(options.seed) {}

  std::chrono::system_clock::time_point wall_clock() const override {
    return wall_clock_ +
           std::chrono::duration_cast<std::chrono::system_clock::duration>(loop_.now() - start_);
  }
  void random_bytes(std::span<std::byte> bytes) override {
    std::lock_guard lock(mutex_);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random_() & 0xFFU);
  }

 private:
  const Loop& loop_;
  TimePoint start_;
  std::chrono::system_clock::time_point wall_clock_;
  std::mutex mutex_;
  std::mt19937_64 random_;
};

}  // namespace

struct ManualRuntime::State {
  explicit State(const ManualRuntimeOptions& options)
      : virtual_environment(loop, options),
        environment(options.environment != nullptr ? *options.environment : virtual_environment),
        executor(options.queue_limit) {}
  // The tasks that never ran are destroyed first, and may still post.
  ManualLoop loop;
  ManualEnvironment virtual_environment;
  Environment& environment;
  ManualExecutor executor;
  ManualExecutor aside{0};
};

ManualRuntime::ManualRuntime(const ManualRuntimeOptions& options)
    : state_(std::make_unique<State>(options)) {}
ManualRuntime::~ManualRuntime() = default;

Loop& ManualRuntime::loop() {
  return state_->loop;
}
Executor& ManualRuntime::executor() {
  return state_->executor;
}
Environment& ManualRuntime::environment() {
  return state_->environment;
}

void ManualRuntime::run_aside(Task task) {
  state_->aside.submit_admitted(std::move(task));
}

std::size_t ManualRuntime::run() {
  std::size_t count = 0;
  // The loop first, as in a real process: a worker is not quicker than the loop's own round.
  while (state_->loop.run_one() || state_->aside.run_one() || state_->executor.run_one()) {
    if (++count == restless_tasks) throw std::runtime_error("the runtime never becomes idle");
  }
  return count;
}

std::size_t ManualRuntime::run_loop() {
  std::size_t count = 0;
  while (state_->loop.run_one() || state_->aside.run_one()) {
    if (++count == restless_tasks) throw std::runtime_error("the loop never becomes idle");
  }
  return count;
}

std::size_t ManualRuntime::run_loop_alone() {
  std::size_t count = 0;
  while (state_->loop.run_one()) {
    if (++count == restless_tasks) throw std::runtime_error("the loop never becomes idle");
  }
  return count;
}

bool ManualRuntime::run_task() {
  return state_->executor.run_one();
}

std::size_t ManualRuntime::waiting_tasks() const {
  return state_->executor.size();
}

void ManualRuntime::advance(Duration duration) {
  const TimePoint end = state_->loop.now() + duration;
  run();
  for (auto next = state_->loop.next_timer(); next && *next <= end;
       next = state_->loop.next_timer()) {
    state_->loop.move_to(std::max(*next, state_->loop.now()));
    run();
  }
  state_->loop.move_to(end);
}

}  // namespace mcp
