#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include <mcp/base/runtime.h>

namespace mcp {

struct ManualRuntimeOptions {
  /// Tasks that may wait for `run`; past it `try_submit` refuses.
  std::size_t queue_limit = 1024;
  /// The wall clock at the start; it moves with `advance` only. 2026-01-01 00:00:00 UTC.
  std::chrono::system_clock::time_point wall_clock{std::chrono::seconds(1767225600)};
  /// Where the random bytes start: the same seed gives the same bytes. NOT unpredictable.
  std::uint64_t seed = 1;
  /// Instead of this clock and these bytes: what a program that serves others needs (see
  /// make_environment). Must outlive the runtime.
  Environment* environment = nullptr;
};

/// A runtime without threads, in virtual time: for tests that need no sleeps, and for programs that
/// bring a loop of their own and call `run` or `advance` from it. Nothing happens unless the caller
/// says so.
///
/// Threads: `run`, `run_loop`, `run_loop_alone`, `run_task` and `advance` from one thread at a
/// time; everything that is reached through `loop()`, `executor()` and `environment()` from any
/// thread. `loop().is_current()` is true inside a task of the loop, and only there.
class ManualRuntime final : public Runtime {
 public:
  explicit ManualRuntime(const ManualRuntimeOptions& options = {});
  ~ManualRuntime() override;

  Loop& loop() override;
  Executor& executor() override;
  Environment& environment() override;
  void run_aside(Task task) override;

  /// Runs what is posted and what is submitted until nothing is left; returns how many tasks ran.
  /// Timers fire only if they are due already. Throws std::runtime_error when a million tasks did
  /// not lead to rest. An exception from a task leaves `run`; what waits stays waiting.
  std::size_t run();
  /// As `run`, but leaves the executor's tasks alone: as if every worker were busy.
  std::size_t run_loop();
  /// Runs the oldest task of the executor, and nothing else; false when there is none.
  bool run_task();
  /// As `run_loop`, but leaves the tasks of `run_aside` alone, too.
  std::size_t run_loop_alone();
  /// Tasks that wait for a worker.
  std::size_t waiting_tasks() const;
  /// Lets time pass: runs until idle, then fires each timer that is due at its own time and runs
  /// until idle again, up to `duration` from now.
  void advance(Duration duration);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mcp
