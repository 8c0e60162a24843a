#include <mcp/base/runtime_asio.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <mcp/base/environment.h>
#include <mcp/base/thread_signals.h>
#include <mcp/base/timer_queue.h>
#include <mcp/base/worker_pool.h>

// How a call travels between the threads:
//
//   loop thread                                          workers
//   ─ round: run_one, then what else is ready ─
//     read handler → dispatch → try_submit → pending_
//     read handler → dispatch → try_submit → pending_
//   ─ end of the round: hand_over(pending_) ──────────▶  queue, one worker woken, it wakes the next
//     inbox_: one asio::post for many tasks   ◀──────── post(completion), post(completion), …
//
// What is too long for the loop and never waits goes to a thread of its own (`run_aside`): there it
// stands behind no handler.
//
// Both directions are batched because a wake-up (a system call and a context switch) costs more
// than a quick handler does.

namespace mcp {
namespace {

namespace asio = boost::asio;

/// Handlers that run before the loop looks at its own batch: a busy socket must not hold back the
/// tasks that others submitted.
constexpr int handlers_a_round = 64;
/// What a flood of posted tasks took is not kept.
constexpr std::size_t kept_tasks = 1024;
constexpr Duration stall_check = std::chrono::milliseconds(5);

thread_local const Loop* current_loop = nullptr;

class AsioLoop final : public Loop {
 public:
  explicit AsioLoop(const WorkerPool::Report& report) : report_(report) {}

  void post(Task task) override {
    std::lock_guard lock(mutex_);
    if (refusing_) return;  // the parameter is destroyed after the lock
    inbox_.push_back(std::move(task));
    if (std::exchange(drain_posted_, true)) return;
    asio::post(io_, [this] { drain(); });
  }

  TimerId schedule(Duration delay, Task task) override {
    const auto added = timers_.add(now(), delay, std::move(task));
    if (added.is_next) {
      if (is_current()) {
        arm();
      } else {
        post([this] { arm(); });
      }
    }
    return added.id;
  }
  void cancel(TimerId timer) override { timers_.cancel(timer); }
  TimePoint now() const override { return std::chrono::steady_clock::now(); }
  bool is_current() const override { return current_loop == this; }

  asio::io_context& io_context() { return io_; }

  /// Runs until `stop`; calls `end_of_round` after each round.
  template <typename EndOfRound>
  void run(EndOfRound end_of_round) {
    current_loop = this;
    const auto work = asio::make_work_guard(io_);
    while (!stopped_) {
      guarded([&] {
        io_.run_one();
        for (int i = 0; i < handlers_a_round && io_.poll_one() > 0; ++i) {
        }
      });
      end_of_round();
    }
    current_loop = nullptr;
  }

  /// Ends `run` after what has been posted so far.
  void stop() {
    post([this] { stopped_ = true; });
  }

  /// Ends `run` at once; what never ran is destroyed, what is posted from now on too.
  void refuse() {
    stopped_ = true;
    std::vector<Task> inbox;
    {
      std::lock_guard lock(mutex_);
      refusing_ = true;
      inbox.swap(inbox_);
    }
    timers_.take_all();
  }

 private:
  template <typename Function>
  void guarded(Function&& function) {
    try {
      function();
    } catch (const std::exception& error) {
      report_(std::string("a task on the loop let an exception out: ") + error.what());
    } catch (...) {
      report_("a task on the loop let an exception out");
    }
  }

  void drain() {
    {
      std::lock_guard lock(mutex_);
      drain_posted_ = false;
      batch_.swap(inbox_);
    }
    for (Task& task : batch_) {
      if (!stopped_) guarded(task);
      task = nullptr;
    }
    batch_.clear();
    if (batch_.capacity() > kept_tasks) batch_.shrink_to_fit();
  }

  void arm() {
    const auto next = timers_.next();
    if (!next || *next >= armed_for_) return;
    armed_for_ = *next;
    timer_.expires_at(*next);
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error) fire();
    });
  }

  void fire() {
    armed_for_ = TimePoint::max();
    const TimePoint present = now();
    while (auto task = timers_.take_due(present)) guarded(*task);
    arm();
  }

  const WorkerPool::Report& report_;
  TimerQueue timers_;
  std::mutex mutex_;
  std::vector<Task> inbox_;
  bool drain_posted_ = false;
  bool refusing_ = false;
  // Of the loop's thread:
  std::vector<Task> batch_;
  TimePoint armed_for_ = TimePoint::max();
  std::atomic<bool> stopped_ = false;
  // After the rest: handlers that never ran are destroyed with it, and may still post or cancel.
  asio::io_context io_{1};
  asio::steady_timer timer_{io_};
};

class BatchingExecutor final : public Executor {
 public:
  BatchingExecutor(AsioLoop& loop, WorkerPool& pool) : loop_(loop), pool_(pool) {}

  bool try_submit(Task task) override {
    if (!pool_.reserve()) return false;
    submit(std::move(task));
    return true;
  }
  void submit_admitted(Task task) override {
    if (pool_.reserve_admitted()) submit(std::move(task));
  }

  Capacity capacity() const override { return pool_.capacity(); }

  /// On the loop, at the end of a round.
  void flush() {
    if (pending_.empty()) return;
    pool_.hand_over(pending_);
    watch();
  }

 private:
  void submit(Task&& task) {
    if (loop_.is_current()) {
      pending_.push_back(std::move(task));
      return;
    }
    std::vector<Task> one;
    one.push_back(std::move(task));
    pool_.hand_over(one);
    watch();
  }

  /// While tasks wait: looks now and then whether the queue moves.
  void watch() {
    if (watching_.exchange(true)) return;
    loop_.schedule(stall_check, [this, before = pool_.progress().taken] {
      watching_ = false;
      const auto progress = pool_.progress();
      if (progress.saturated && progress.taken == before) pool_.add_thread();
      if (progress.waiting) watch();
    });
  }

  AsioLoop& loop_;
  WorkerPool& pool_;
  std::vector<Task> pending_;  // of the loop's thread
  std::atomic<bool> watching_ = false;
};

/// Everything that a thread left behind may still touch.
struct State {
  explicit State(const RuntimeOptions& options)
      : report(options.report ? options.report : report_on_stderr),
        loop(report),
        pool(std::make_shared<WorkerPool>(worker_threads(options), options.max_worker_threads,
                                          options.queue_limit, report)),
        aside(std::make_shared<WorkerPool>(1, 1, 0, report)),
        executor(loop, *pool),
        stop_timeout(options.stop_timeout) {}

  static void report_on_stderr(const std::string& line) {
    std::fprintf(stderr, "fairlead: %s\n", line.c_str());
  }
  static std::size_t worker_threads(const RuntimeOptions& options) {
    if (options.worker_threads > 0) return options.worker_threads;
    return std::max<std::size_t>(2, std::thread::hardware_concurrency());
  }

  const WorkerPool::Report report;
  AsioLoop loop;
  const std::shared_ptr<WorkerPool> pool;
  const std::shared_ptr<WorkerPool> aside;  ///< the thread of `run_aside`
  BatchingExecutor executor;
  const std::unique_ptr<Environment> environment = make_environment();
  const Duration stop_timeout;

  std::mutex mutex;
  std::condition_variable changed;
  bool loop_ended = false;
};

class AsioRuntime final : public Runtime {
 public:
  explicit AsioRuntime(const RuntimeOptions& options) : state_(std::make_shared<State>(options)) {
    state_->pool->hold(state_);
    state_->aside->hold(state_);
    state_->pool->start();
    try {
      thread_ = std::thread(run_loop, state_);
    } catch (...) {
      state_->pool->stop(state_->stop_timeout);
      throw;
    }
  }

  ~AsioRuntime() override {
    State& state = *state_;
    const bool on_loop = state.loop.is_current();
    const bool on_worker = state.pool->is_current();
    if (on_loop || on_worker) {
      state.report(std::string("the runtime was destroyed on its own ") +
                   (on_loop ? "loop" : "worker thread") +
                   ", which cannot wait for itself to end: destroy it on the thread that made it");
    }
    const Duration patience = on_loop ? Duration::zero() : state.stop_timeout;
    const std::size_t left_behind = state.pool->stop(patience);
    state.aside->stop(patience);
    if (left_behind > 0 && !on_loop && !on_worker) {
      state.report(std::to_string(left_behind) +
                   " handler(s) did not end in time; their threads are left behind");
    }
    state.loop.stop();
    if (on_loop) {
      state.loop.refuse();
      thread_.detach();
      return;
    }
    std::unique_lock lock(state.mutex);
    const Duration wait = std::max<Duration>(state.stop_timeout, std::chrono::seconds(1));
    if (!state.changed.wait_for(lock, wait, [&] { return state.loop_ended; })) {
      state.report("a task on the loop did not end in time; its thread is left behind");
      state.loop.refuse();
      thread_.detach();
      return;
    }
    lock.unlock();
    thread_.join();
    state.loop.refuse();
  }

  Loop& loop() override { return state_->loop; }
  Executor& executor() override { return state_->executor; }
  Environment& environment() override { return *state_->environment; }
  void run_aside(Task task) override {
    WorkerPool& aside = *state_->aside;
    try {
      aside.start();
    } catch (const std::system_error&) {
      state_->loop.post(std::move(task));
      return;
    }
    if (!aside.reserve_admitted()) return;
    std::vector<Task> one;
    one.push_back(std::move(task));
    aside.hand_over(one);
  }

 private:
  static void run_loop(const std::shared_ptr<State>& state) {
    block_broken_pipe_signal();
    state->loop.run([&] { state->executor.flush(); });
    std::lock_guard lock(state->mutex);
    state->loop_ended = true;
    state->changed.notify_all();
  }

  std::shared_ptr<State> state_;
  std::thread thread_;
};

}  // namespace

boost::asio::io_context& io_context_of(Loop& loop) {
  if (auto* own = dynamic_cast<AsioLoop*>(&loop)) return own->io_context();
  throw std::invalid_argument(
      "this transport needs the loop of mcp::make_runtime; with a loop of your own, feed the "
      "messages yourself");
}

std::unique_ptr<Runtime> make_runtime(const RuntimeOptions& options) {
  return std::make_unique<AsioRuntime>(options);
}

}  // namespace mcp
