#include <algorithm>
#include <deque>
#include <limits>
#include <map>
#include <unordered_map>
#include <utility>

#include <mcp/store/event_store.h>

namespace mcp {
namespace {

/// A string's own cost beside its bytes.
constexpr std::size_t overhead = 64;
/// Streams of a session whose dropped events are remembered one by one.
constexpr std::size_t max_remembered = 4096;

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
    bool complete = true;
    if (const auto found = sessions_.find(session); found != sessions_.end()) {
      for (const Kept& kept : found->second.events) {
        if (kept.stream == stream && kept.event.number > after) events.push_back(kept.event);
      }
      complete = events.empty() ? found->second.last_dropped(stream) <= after
                                : events.front().number == after + 1;
    }
    replay(complete ? std::optional(std::move(events)) : std::nullopt);
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
    std::map<std::uint64_t, std::uint64_t> dropped;  ///< of each stream the last event that went
    std::uint64_t forgotten = 0;  ///< streams up to this one lost an unknown number of events
    std::size_t bytes = 0;

    std::uint64_t last_dropped(std::uint64_t stream) const {
      if (const auto found = dropped.find(stream); found != dropped.end()) return found->second;
      return stream <= forgotten ? std::numeric_limits<std::uint64_t>::max() : 0;
    }
  };

  void drop_oldest(Session& session) {
    const Kept& oldest = session.events.front();
    const std::size_t cost = oldest.event.data.size() + overhead;
    session.bytes -= cost;
    bytes_ -= cost;
    session.dropped[oldest.stream] = oldest.event.number;
    if (session.dropped.size() > max_remembered) {  // numbers of streams grow: the oldest goes
      session.forgotten = std::max(session.forgotten, session.dropped.begin()->first);
      session.dropped.erase(session.dropped.begin());
    }
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
