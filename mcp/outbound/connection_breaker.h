#pragma once

#include <mutex>

namespace mcp::outbound {

/// Ends the connection of a blocking call from another thread. It keeps a duplicate of the socket,
/// so that the call may close its own at any time and a reused descriptor number is never hit.
class ConnectionBreaker {
 public:
  ConnectionBreaker() = default;
  ConnectionBreaker(const ConnectionBreaker&) = delete;
  ConnectionBreaker& operator=(const ConnectionBreaker&) = delete;
  ~ConnectionBreaker();

  /// Follows `socket`, which is about to be connected. After `shut` it is made unconnectable.
  void follow(int socket);
  /// Ends the connection, and every later one. Any thread.
  void shut();

 private:
  std::mutex mutex_;
  int socket_ = -1;
  bool shut_ = false;
};

/// Keeps a write to a closed connection from raising SIGPIPE in this thread while it lives,
/// whatever the program does with that signal elsewhere.
class SuppressBrokenPipeSignal {
 public:
  SuppressBrokenPipeSignal();
  SuppressBrokenPipeSignal(const SuppressBrokenPipeSignal&) = delete;
  SuppressBrokenPipeSignal& operator=(const SuppressBrokenPipeSignal&) = delete;
  ~SuppressBrokenPipeSignal();

 private:
  bool blocked_here_ = false;
};

}  // namespace mcp::outbound
