#include <algorithm>
#include <deque>
#include <limits>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <mcp/store/event_store.h>

namespace mcp {
namespace {

/// What an event costs beside its bytes.
constexpr std::size_t overhead = 64;
/// Streams of a session whose dropped events are remembered one by one.
constexpr std::size_t max_remembered = 4096;

/// Events side by side, the oldest first. One allocation for each event would leave the heap in
/// pieces once some thousands have come and gone, and cost more than sending it.
class Block {
 public:
  static constexpr std::size_t least_bytes = 1U << 10U;
  static constexpr std::size_t most_bytes = 64U << 10U;

  struct Kept {
    std::uint64_t stream;
    std::uint64_t number;
    std::size_t begin;
    std::size_t length;
  };

  explicit Block(std::size_t bytes) { bytes_.reserve(bytes); }

  std::size_t capacity() const { return bytes_.capacity(); }
  bool takes(std::size_t length) const { return bytes_.capacity() - bytes_.size() >= length; }
  void add(std::uint64_t stream, const EventStore::Event& event) {
    kept_.push_back({stream, event.number, bytes_.size(), event.data.size()});
    bytes_ += event.data;
  }
  const Kept& oldest() const { return kept_[first_]; }
  void drop_oldest() { ++first_; }
  bool is_empty() const { return first_ == kept_.size(); }

  void read(std::uint64_t stream, std::uint64_t after,
            std::vector<EventStore::Event>& events) const {
    for (std::size_t at = first_; at < kept_.size(); ++at) {
      const Kept& kept = kept_[at];
      if (kept.stream == stream && kept.number > after)
        events.push_back({kept.number, bytes_.substr(kept.begin, kept.length)});
    }
  }

 private:
  std::string bytes_;
  std::vector<Kept> kept_;
  std::size_t first_ = 0;
};

class MemoryEventStore final : public EventStore {
 public:
  explicit MemoryEventStore(const EventStoreLimits& limits) : limits_(limits) {}

  void append(const std::string& session, std::uint64_t stream, Event event) override {
    Session& kept = sessions_[session];
    const std::size_t cost = event.data.size() + overhead;
    kept.block_for(event.data.size()).add(stream, event);
    ++kept.events;
    kept.bytes += cost;
    bytes_ += cost;
    while (kept.bytes > limits_.session_bytes && kept.events > 1) drop_oldest(kept);
    // Across sessions the one that writes pays: others keep what they have.
    while (bytes_ > limits_.bytes && kept.events > 0) drop_oldest(kept);
  }

  void read(const std::string& session, std::uint64_t stream, std::uint64_t after,
            Replay replay) override {
    std::vector<Event> events;
    bool complete = true;
    if (const auto found = sessions_.find(session); found != sessions_.end()) {
      for (const Block& block : found->second.blocks) block.read(stream, after, events);
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
  struct Session {
    std::deque<Block> blocks;
    std::size_t events = 0;
    std::map<std::uint64_t, std::uint64_t> dropped;  ///< of each stream the last event that went
    std::uint64_t forgotten = 0;  ///< streams up to this one lost an unknown number of events
    std::size_t bytes = 0;

    std::uint64_t last_dropped(std::uint64_t stream) const {
      if (const auto found = dropped.find(stream); found != dropped.end()) return found->second;
      return stream <= forgotten ? std::numeric_limits<std::uint64_t>::max() : 0;
    }
    Block& block_for(std::size_t length) {
      if (!blocks.empty() && blocks.back().takes(length)) return blocks.back();
      // Larger and larger: most sessions keep little.
      const std::size_t usual = blocks.empty()
                                    ? Block::least_bytes
                                    : std::min(2 * blocks.back().capacity(), Block::most_bytes);
      return blocks.emplace_back(std::max(usual, length));
    }
  };

  void drop_oldest(Session& session) {
    Block& block = session.blocks.front();
    const Block::Kept& oldest = block.oldest();
    const std::size_t cost = oldest.length + overhead;
    session.bytes -= cost;
    bytes_ -= cost;
    session.dropped[oldest.stream] = oldest.number;
    if (session.dropped.size() > max_remembered) {  // numbers of streams grow: the oldest goes
      session.forgotten = std::max(session.forgotten, session.dropped.begin()->first);
      session.dropped.erase(session.dropped.begin());
    }
    --session.events;
    block.drop_oldest();
    if (block.is_empty()) session.blocks.pop_front();
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
