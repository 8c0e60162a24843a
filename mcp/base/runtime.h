#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

namespace mcp {

using Task = std::function<void()>;
using Duration = std::chrono::steady_clock::duration;
using TimePoint = std::chrono::steady_clock::time_point;

/// The thread on which all input and output happens. State that belongs to a connection is touched
/// only here, so it needs no lock. Nothing that runs here may block.
class Loop {
 public:
  enum class TimerId : std::uint64_t { none = 0 };

  virtual ~Loop() = default;
  /// Runs `task` on the loop, after everything posted before it. Any thread.
  virtual void post(Task task) = 0;
  /// Runs `task` on the loop once `delay` has passed. Any thread. Never returns `TimerId::none`.
  virtual TimerId schedule(Duration delay, Task task) = 0;
  /// Forgets a timer; harmless when it has fired. When called on the loop, the task will not run.
  virtual void cancel(TimerId timer) = 0;
  /// The loop's clock (virtual in tests). Any thread.
  virtual TimePoint now() const = 0;
  /// True when called on the loop's own thread.
  virtual bool is_current() const = 0;
};

/// Where handlers run. Bounded: a full queue refuses, it never grows with the backlog.
class Executor {
 public:
  virtual ~Executor() = default;
  /// Queues `task` for a worker thread; false when the queue is full. Any thread. From the loop,
  /// tasks are collected and handed over in one batch at the end of the loop's round.
  virtual bool try_submit(Task task) = 0;
  /// Queues `task` although the queue is full: for work that was admitted before (a replayed
  /// handler). Any thread.
  virtual void submit_admitted(Task task) = 0;

  struct Capacity {
    std::size_t running;  ///< tasks that may run at the same time
    std::size_t waiting;  ///< tasks that may wait; those that were admitted before are not counted
  };
  virtual Capacity capacity() const = 0;
};

/// Wall clock and randomness, injected so that tests need neither.
class Environment {
 public:
  virtual ~Environment() = default;
  virtual std::chrono::system_clock::time_point wall_clock() const = 0;
  /// Fills `bytes` with unpredictable bytes (libsodium). Any thread.
  virtual void random_bytes(std::span<std::byte> bytes) = 0;
};

/// Owns loop, workers, clock and randomness; passed by reference, there is no global one.
/// A program makes one Runtime and destroys it last: destruction stops the loop, refuses new work,
/// waits (bounded) for running handlers and joins.
///
/// The order: 1. new and queued tasks are refused; 2. running handlers get `stop_timeout` to end,
/// while the loop still runs; 3. the loop runs what was posted before, and ends; 4. what is left is
/// destroyed. A handler that has not ended by then is reported, its thread is left behind, and it
/// may go on using loop and executor: they refuse everything and live until it ends. Destroying a
/// runtime on its own loop or in its own handler is an error: it is reported, and does not wait.
class Runtime {
 public:
  virtual ~Runtime() = default;
  virtual Loop& loop() = 0;
  virtual Executor& executor() = 0;
  virtual Environment& environment() = 0;
  /// Runs `task` beside loop and workers, one after the other: for what takes too long for the loop
  /// and never waits, such as decoding a large message. However many handlers are slow, they do not
  /// hold it up; so no handler may run here. When there can be no thread for it, it runs on the
  /// loop. Any thread.
  virtual void run_aside(Task task) = 0;
};

struct RuntimeOptions {
  /// Threads that run handlers, started as they are needed; 0 takes the number of cores, at least
  /// 2.
  std::size_t worker_threads = 0;
  /// Handlers that block (a query, a call to another server) must not hold up the others: when
  /// tasks wait and none was taken for 5 ms, one more thread is added, up to this many.
  std::size_t max_worker_threads = 64;
  /// Calls that may wait for a worker; past it a call is refused.
  std::size_t queue_limit = 2048;
  /// How long destruction waits for handlers that are still running.
  Duration stop_timeout = std::chrono::seconds(5);
  /// Told, in one line and on any thread, what nobody else can be told: a task let an exception
  /// out, a handler did not end. By default the line goes to stderr.
  std::function<void(const std::string&)> report = {};
};

/// The runtime of a process: an Asio io_context on a thread of its own, a pool of workers, and one
/// thread for `run_aside`, which is started when it is first needed.
std::unique_ptr<Runtime> make_runtime(const RuntimeOptions& options = {});

}  // namespace mcp
