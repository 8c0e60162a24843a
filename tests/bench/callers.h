#pragma once

#include <chrono>
#include <deque>
#include <string>

#include "http_connection.h"
#include "mcp_requests.h"
#include "server_process.h"

struct Load {
  double calls_per_second;
  double cpu_microseconds;  ///< of the server, a call
  double p50_milliseconds;
  double p99_milliseconds;
};

/// Clients that each call a tool again as soon as they are answered. Every answer is checked; a
/// wrong one throws std::runtime_error.
class Callers {
 public:
  Callers(const HttpServerProcess& server, const Requests& requests, std::string tool,
          std::size_t count);
  Callers(const Callers&) = delete;
  Callers& operator=(const Callers&) = delete;
  ~Callers();

  Load run(double seconds);

 private:
  struct Caller {
    HttpConnection connection;
    std::string session;
    long id = 0;
    std::chrono::steady_clock::time_point sent = {};
  };
  void call(Caller& caller);

  const HttpServerProcess& server_;
  const Requests& requests_;
  std::string tool_;
  int poll_;
  long last_id_ = 0;
  std::deque<Caller> callers_;
};
