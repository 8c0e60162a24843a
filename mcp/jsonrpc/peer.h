#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <variant>

#include <mcp/base/runtime.h>
#include <mcp/jsonrpc/message.h>

namespace mcp::jsonrpc {

/// How long a call may wait for its response.
struct Deadline {
  static constexpr Duration never = Duration::max();

  /// From the start, and again from each `extend` (progress).
  Duration timeout = std::chrono::seconds(60);
  /// From the start, however much progress there is.
  Duration at_most = never;
};

/// How a call ended.
struct CallEnd {
  enum class Why {
    answered,   ///< the response came; `outcome` is its result or error
    timed_out,  ///< nobody answered in time: tell the other side to stop
    cancelled,  ///< `Peer::cancel` was called
    failed,     ///< `Peer::fail_all` was called: the connection is gone
  };

  Id id;
  Why why;
  /// An error unless `why` is `answered`.
  std::variant<Json, ErrorObject> outcome;
};

/// Who waits for which id: the open requests that one side of a connection has sent. It allocates
/// the ids and keeps the time; sending is the owner's business. Bounded, so that a silent other
/// side costs no unbounded memory.
///
/// Only to be used on the loop. Each callback is called exactly once, on the loop, and may call
/// the Peer or destroy it; callbacks that still wait when the Peer is destroyed are dropped.
class Peer {
 public:
  using Callback = std::function<void(CallEnd)>;

  /// `loop` must outlive the Peer. `max_pending` bounds the calls that wait at one time.
  explicit Peer(Loop& loop, std::size_t max_pending = 1024);
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  /// Opens a call and returns the id that its request carries (1, 2, 3 …: never used twice), or
  /// nothing when too many calls wait; `callback` is then not called.
  std::optional<Id> open(Callback callback, const Deadline& deadline = {});

  /// Hands a response to who waits for it; false when nobody does (unknown id, answered twice,
  /// too late, no id). An outcome that is `Serialized` is never received, and taken as null.
  bool complete(Response response);

  /// Ends a call; false when it is not open.
  bool cancel(const Id& id);

  /// Progress came: the time-out starts again, within the absolute maximum. False when not open.
  bool extend(const Id& id);

  /// Ends every open call with `error`, oldest first. Calls that callbacks open meanwhile stay.
  void fail_all(const ErrorObject& error);

  bool is_open(const Id& id) const { return pending_.contains(id); }
  std::size_t pending() const { return pending_.size(); }

 private:
  struct Pending {
    Callback callback;
    Duration timeout;
    TimePoint due;
    TimePoint latest;
    Loop::TimerId timer = Loop::TimerId::none;
  };
  using Calls = std::map<Id, Pending>;

  void end(Calls::iterator call, CallEnd::Why why, std::variant<Json, ErrorObject> outcome);
  void watch(const Id& id, Pending& call);
  void timer_fired(const Id& id);

  Loop& loop_;
  std::size_t max_pending_;
  std::int64_t last_id_ = 0;
  Calls pending_;
};

}  // namespace mcp::jsonrpc
