#include <mcp/store/task_store.h>

#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <utility>

#include <mcp/jsonrpc/codec.h>

namespace mcp {
namespace {

class MemoryTaskStore final : public TaskStore {
 public:
  explicit MemoryTaskStore(MemoryTaskLimits limits) : limits_(limits) {}

  void insert(StoredTask task, Now now) override {
    const std::lock_guard lock(mutex_);
    forget_old(now);
    if (entries_.size() >= limits_.tasks)
      throw std::runtime_error("the store holds " + std::to_string(limits_.tasks) +
                               " tasks already");
    write(std::move(task));
  }

  std::optional<StoredTask> find(const std::string& id, Now now) override {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(id);
    if (found == entries_.end() || found->second.task.state.end() <= now) return std::nullopt;
    return found->second.task;
  }

  void update(const StoredTask& task, Now now) override {
    const std::lock_guard lock(mutex_);
    forget_old(now);
    if (!entries_.contains(task.state.id)) return;
    write(task);
  }

  void erase(const std::string& id) override {
    const std::lock_guard lock(mutex_);
    remove(id);
  }

  std::vector<StoredTask> list(const std::string& owner, const std::string& after,
                               std::size_t count, Now now) override {
    const std::lock_guard lock(mutex_);
    std::vector<StoredTask> tasks;
    for (auto entry = entries_.upper_bound(after); entry != entries_.end() && tasks.size() < count;
         ++entry) {
      const StoredTask& task = entry->second.task;
      if (task.owner == owner && task.state.end() > now) tasks.push_back(task);
    }
    return tasks;
  }

 private:
  struct Entry {
    StoredTask task;
    std::size_t bytes;
  };

  static std::size_t size_of(const TaskState& task) {
    const auto text = [](const Json& json) {
      return json.is_null() ? 0 : jsonrpc::encode_value(json).size();
    };
    return text(task.result) + text(task.error) + text(task.input_requests);
  }

  void write(StoredTask task) {
    const std::string id = task.state.id;
    const std::size_t bytes = size_of(task.state);
    const auto old = entries_.find(id);
    const std::size_t freed = old == entries_.end() ? 0 : old->second.bytes;
    if (bytes_ - freed + bytes > limits_.bytes)
      throw std::runtime_error("the tasks' results need more than " +
                               std::to_string(limits_.bytes) + " bytes");
    remove(id);
    bytes_ += bytes;
    by_end_.insert({task.state.end(), id});
    entries_.emplace(id, Entry{std::move(task), bytes});
  }

  void remove(const std::string& id) {
    const auto found = entries_.find(id);
    if (found == entries_.end()) return;
    bytes_ -= found->second.bytes;
    by_end_.erase({found->second.task.state.end(), id});
    entries_.erase(found);
  }

  void forget_old(Now now) {
    while (!by_end_.empty() && by_end_.begin()->first <= now) {
      const std::string id = by_end_.begin()->second;
      remove(id);
    }
  }

  const MemoryTaskLimits limits_;
  std::mutex mutex_;
  std::map<std::string, Entry> entries_;
  std::set<std::pair<Now, std::string>> by_end_;
  std::size_t bytes_ = 0;
};

}  // namespace

std::shared_ptr<TaskStore> make_memory_task_store(MemoryTaskLimits limits) {
  return std::make_shared<MemoryTaskStore>(limits);
}

}  // namespace mcp
