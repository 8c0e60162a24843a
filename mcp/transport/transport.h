#pragma once

#include <string>
#include <string_view>

namespace mcp {

/// A two-way pipe of whole messages (stdio, child process, memory pair). The bytes of a message are
/// opaque here: framing is the transport's, meaning is not.
///
/// Threads: `start` and `close` may be called from any thread; `send` too, and it never blocks.
/// Handler functions are called on the loop, in the order of arrival, and never after `closed`.
/// Destroying a transport drops what is queued and ends the other side at once, without a call of
/// `closed`; do it on the loop or after `closed`, for elsewhere a handler may be running.
class Transport {
 public:
  /// Who receives. Must outlive the transport's `closed` call.
  class Handler {
   public:
    virtual ~Handler() = default;
    /// One message, without its frame. The view is valid during the call.
    virtual void message(std::string_view bytes) = 0;
    /// Input that could not be framed (a line longer than the limit): it was skipped.
    virtual void oversized(std::size_t limit_bytes) = 0;
    /// The other side sends nothing more, but may still read (end of stdin). True keeps the output
    /// open until `close` is called, so that calls in flight can be answered; false ends the
    /// transport once what is queued has been written. Not every transport has such a half.
    virtual bool input_ended() { return false; }
    /// The other side is gone, or `close` was called. Exactly once, and last. `reason` is empty for
    /// an orderly end, else says what happened (exit status, last lines of a child's stderr, …).
    virtual void closed(const std::string& reason) = 0;
  };

  virtual ~Transport() = default;
  /// Begins to deliver to `handler`. Once.
  virtual void start(Handler& handler) = 0;
  /// Queues one message (without newline). False when the bounded queue is full or the transport is
  /// closed: the message is dropped then, and the caller decides what that means. A message is
  /// never refused for its size alone when nothing else waits.
  virtual bool send(std::string bytes) = 0;
  /// Ends both directions after what is queued has been written (bounded time). Input that has
  /// not been delivered yet is dropped.
  virtual void close() = 0;
};

}  // namespace mcp
