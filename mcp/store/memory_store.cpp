#include <mcp/store/store.h>

#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <utility>

namespace mcp {
namespace {

class MemoryStore final : public Store {
 public:
  MemoryStore(std::size_t max_entries, std::function<TimePoint()> now)
      : max_entries_(max_entries), now_(std::move(now)) {}

  std::optional<std::string> insert(const std::string& key, std::string value,
                                    std::chrono::seconds lifetime) override {
    std::lock_guard lock(mutex_);
    const auto now = now_();
    if (const auto found = entries_.find(key); found != entries_.end() && found->second.end > now)
      return found->second.value;
    make_room(now);
    write(key, std::move(value), now + lifetime);
    return std::nullopt;
  }

  void put(const std::string& key, std::string value, std::chrono::seconds lifetime) override {
    std::lock_guard lock(mutex_);
    const auto now = now_();
    if (!entries_.contains(key)) make_room(now);
    write(key, std::move(value), now + lifetime);
  }

 private:
  struct Entry {
    std::string value;
    TimePoint end;
  };

  void write(const std::string& key, std::string value, TimePoint end) {
    if (const auto found = entries_.find(key); found != entries_.end()) {
      by_end_.erase({found->second.end, key});
      entries_.erase(found);
    }
    by_end_.insert({end, key});
    entries_.emplace(key, Entry{std::move(value), end});
  }

  void make_room(TimePoint now) {
    while (!by_end_.empty() && by_end_.begin()->first <= now) {
      entries_.erase(by_end_.begin()->second);
      by_end_.erase(by_end_.begin());
    }
    if (entries_.size() >= max_entries_)
      throw std::runtime_error("the store is full (" + std::to_string(max_entries_) + " entries)");
  }

  const std::size_t max_entries_;
  const std::function<TimePoint()> now_;
  std::mutex mutex_;
  std::map<std::string, Entry> entries_;
  std::set<std::pair<TimePoint, std::string>> by_end_;
};

}  // namespace

std::shared_ptr<Store> make_memory_store(std::size_t max_entries, std::function<TimePoint()> now) {
  if (!now) now = [] { return std::chrono::steady_clock::now(); };
  return std::make_shared<MemoryStore>(max_entries, std::move(now));
}

}  // namespace mcp
