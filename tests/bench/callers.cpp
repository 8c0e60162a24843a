#include "callers.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

namespace {
using Clock = std::chrono::steady_clock;
}

Callers::Callers(const HttpServerProcess& server, const Requests& requests, std::string tool,
                 std::size_t count)
    : server_(server), requests_(requests), tool_(std::move(tool)), poll_(::epoll_create1(0)) {
  for (std::size_t index = 0; index < count; ++index) {
    Caller& caller = callers_.emplace_back(Caller{HttpConnection(server.port()), ""});
    caller.session = requests.open_session(caller.connection);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &caller;
    ::epoll_ctl(poll_, EPOLL_CTL_ADD, caller.connection.descriptor(), &event);
  }
}

Callers::~Callers() {
  ::close(poll_);
}

Load Callers::run(double seconds) {
  std::vector<double> latencies;
  const double cpu_before = cpu_seconds(server_.id());
  const auto start = Clock::now();
  const auto end =
      start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  for (Caller& caller : callers_) call(caller);
  std::size_t busy = callers_.size();
  while (busy > 0) {
    epoll_event events[256];
    const int count = ::epoll_wait(poll_, events, 256, 60'000);
    if (count < 0 && errno == EINTR) continue;  // it was stopped, and goes on
    if (count <= 0) throw std::runtime_error("no answer within a minute");
    for (int index = 0; index < count; ++index) {
      Caller& caller = *static_cast<Caller*>(events[index].data.ptr);
      if (!caller.connection.receive()) throw std::runtime_error("a connection was closed");
      const auto answer = caller.connection.response();
      if (!answer) continue;
      if (answer->status != 200 || answer->body.find("quick brown fox") == std::string::npos ||
          answer->body.find("\"id\":" + std::to_string(caller.id)) == std::string::npos)
        throw std::runtime_error("a wrong answer: " + answer->head + answer->body);
      const auto now = Clock::now();
      latencies.push_back(std::chrono::duration<double, std::milli>(now - caller.sent).count());
      if (now < end) {
        call(caller);
      } else {
        --busy;
      }
    }
  }
  const double elapsed = std::chrono::duration<double>(Clock::now() - start).count();
  const double cpu = cpu_seconds(server_.id()) - cpu_before;
  std::sort(latencies.begin(), latencies.end());
  const double calls = static_cast<double>(latencies.size());
  return {calls / elapsed, cpu / calls * 1e6, latencies[latencies.size() / 2],
          latencies[latencies.size() * 99 / 100]};
}

void Callers::call(Caller& caller) {
  caller.id = ++last_id_;
  caller.sent = Clock::now();
  caller.connection.send(requests_.call(caller.id, tool_, caller.session));
}
