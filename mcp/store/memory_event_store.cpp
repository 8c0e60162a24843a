#include <deque>
#include <unordered_map>
#include <utility>

#include <mcp/store/event_store.h>

namespace mcp {
namespace {

/// A string's own cost beside its bytes.
constexpr std::size_t overhead = 64;

class MemoryEventStore final : public EventStore {
 public:
  explicit MemoryEventStore(const EventStoreLimits& limits) : limits_(limits) {}

  void append(const std::string& session, std::uint64_t stream, Event event) override {
    Session& kept = sessions_[session];
    const std::size_t cost = event.data.size() + overhead;
    kept.events.push_back({stream, std::move(event)});
    kept.bytes += cost;
    bytes_ += cost;
    while (kept.bytes > limits_.session_bytes && kept.events.size() > 1) drop_oldest(kept);
    // Across sessions the one that writes pays: others keep what they have.
    while (bytes_ > limits_.bytes && !kept.events.empty()) drop_oldest(kept);
  }

  void read(const std::string& session, std::uint64_t stream, std::uint64_t after,
            Replay replay) override {
    std::vector<Event> events;
    if (const auto found = sessions_.find(session); found != sessions_.end()) {
      const auto dropped = found->second.dropped.find(stream);
      if (dropped != found->second.dropped.end() && dropped->second > after) {
        replay(std::nullopt);
        return;
      }
      for (const Kept& kept : found->second.events) {
        if (kept.stream == stream && kept.event.number > after) events.push_back(kept.event);
      }
    }
    replay(std::move(events));
  }

  void forget(const std::string& session) override {
    const auto found = sessions_.find(session);
    if (found == sessions_.end()) return;
    bytes_ -= found->second.bytes;
    sessions_.erase(found);
  }

 private:
  struct Kept {
    std::uint64_t stream;
    Event event;
  };
  struct Session {
    std::deque<Kept> events;
    std::unordered_map<std::uint64_t, std::uint64_t> dropped;  ///< the last event that went
    std::size_t bytes = 0;
  };

  void drop_oldest(Session& session) {
    const Kept& oldest = session.events.front();
    const std::size_t cost = oldest.event.data.size() + overhead;
    session.bytes -= cost;
    bytes_ -= cost;
    // Numbers of streams grow: what is remembered of the oldest may go after so many others.
    if (session.dropped.size() > 4096) session.dropped.clear();
    session.dropped[oldest.stream] = oldest.event.number;
    session.events.pop_front();
  }

  const EventStoreLimits limits_;
  std::unordered_map<std::string, Session> sessions_;
  std::size_t bytes_ = 0;
};

}  // namespace

std::shared_ptr<EventStore> make_memory_event_store(const EventStoreLimits& limits) {
  return std::make_shared<MemoryEventStore>(limits);
}

}  // namespace mcp
