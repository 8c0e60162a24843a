#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <map>
#include <mutex>
#include <string>

#include "servers/websearch/deadline.h"

namespace fairlead::websearch {

/// Politeness: one call to a host at a time, and a pause between two of them. Any thread.
class HostTurns {
 public:
  /// A call's turn; the next one may go when it is gone.
  class Turn {
   public:
    Turn(HostTurns& turns, std::string host) : turns_(turns), host_(std::move(host)) {}
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() { turns_.end(host_); }

   private:
    HostTurns& turns_;
    std::string host_;
  };

  /// Waits until no other call to `host` is in flight and its last one ended `pause` ago.
  /// Throws Failure when that is not before the deadline.
  Turn wait(const std::string& host, std::chrono::milliseconds pause, const Deadline& deadline);

 private:
  struct Host {
    bool busy = false;
    std::size_t waiting = 0;
    Deadline::Clock::time_point last_end{};
  };
  static constexpr std::size_t max_hosts = 1'000;

  void end(const std::string& host);

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<std::string, Host> hosts_;
};

}  // namespace fairlead::websearch
