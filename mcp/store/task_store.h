#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <mcp/protocol/task.h>

namespace mcp {

/// A task, and whom it belongs to.
struct StoredTask {
  TaskState state;
  Revision revision = latest_revision;  ///< of the call that became the task
  std::string owner = {};               ///< its caller as the transport authenticated it
};

/// Where the states of tasks are kept, from their creation until their `ttl` has passed. `now` is
/// the server's wall clock. Thread-safe; calls may block, so they are made on workers only.
class TaskStore {
 public:
  using Now = std::chrono::system_clock::time_point;

  virtual ~TaskStore() = default;
  /// Throws std::runtime_error when the store is full or out of reach.
  virtual void insert(StoredTask task, Now now) = 0;
  /// Nothing when there is no such task, or its time has passed.
  virtual std::optional<StoredTask> find(const std::string& id, Now now) = 0;
  /// Replaces the state; without effect when the task is forgotten. Throws as `insert` does.
  virtual void update(const StoredTask& task, Now now) = 0;
  virtual void erase(const std::string& id) = 0;
  /// Up to `count` tasks of `owner` in the order of their ids, those after the id `after`.
  virtual std::vector<StoredTask> list(const std::string& owner, const std::string& after,
                                       std::size_t count, Now now) = 0;
};

struct MemoryTaskLimits {
  std::size_t tasks = 10'000;
  /// Results, errors and questions together.
  std::size_t bytes = std::size_t{64} << 20U;
};

/// A store that lives as long as the process.
std::shared_ptr<TaskStore> make_memory_task_store(MemoryTaskLimits limits = {});

}  // namespace mcp
