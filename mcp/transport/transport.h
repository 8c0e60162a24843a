#pragma once

#include <string>
#include <string_view>

namespace mcp {

/// A two-way pipe of whole messages (stdio, child process, memory pair). The bytes of a message are
/// opaque here: framing is the transport's, meaning is not.
///
/// The order of calls is free, so that two threads need not agree on it: what is sent before
/// `start` goes out all the same, nothing is sent after `close`, a second `start` or `close` does
/// nothing, and a transport that is closed before it is started tells `closed` when it is started.
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
  /// Begins to deliver to `handler`, also what has arrived before.
  virtual void start(Handler& handler) = 0;
  /// Queues one message (without newline). False when the bounded queue is full, `close` was called
  /// or the other side is known to be gone: the message is dropped then, and the caller decides
  /// what that means. True is no receipt: what is queued is lost when the other side goes. A
  /// message is never refused for its size alone when nothing else waits.
  virtual bool send(std::string bytes) = 0;
  /// Ends both directions after what is queued has been written (bounded time), then tells
  /// `Handler::closed`. Input that has not been delivered when the loop comes to it is dropped.
  virtual void close() = 0;
};

}  // namespace mcp
