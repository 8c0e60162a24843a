#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcp {

/// What was sent on the streams of sessions, so that a client whose connection broke gets the rest
/// (2025-11-25, basic/transports, "Resumability and Redelivery"). Bounded: the oldest events go
/// first. Called on the loop, so it must not block: a store that lives elsewhere queues.
class EventStore {
 public:
  /// An event's place in its stream, and its data.
  struct Event {
    std::uint64_t number = 0;
    std::string data;
  };
  /// The events in order, or nothing when some of them are not kept any more.
  using Replay = std::function<void(std::optional<std::vector<Event>> events)>;

  virtual ~EventStore() = default;
  /// Keeps an event; numbers of a stream come in order, without gaps, from 1.
  virtual void append(const std::string& session, std::uint64_t stream, Event event) = 0;
  /// Calls `replay`, on the loop, with what follows the event `after`.
  virtual void read(const std::string& session, std::uint64_t stream, std::uint64_t after,
                    Replay replay) = 0;
  virtual void forget(const std::string& session) = 0;
};

struct EventStoreLimits {
  std::size_t session_bytes = std::size_t{1} << 20U;  ///< of one session's events
  std::size_t bytes = std::size_t{64} << 20U;         ///< of all
};

/// A store that lives as long as the process. Loop only.
std::shared_ptr<EventStore> make_memory_event_store(const EventStoreLimits& limits = {});

}  // namespace mcp
