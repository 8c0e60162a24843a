// Measures many open streams on one server, and calls beside them.
//   http_streams NAME session|stateless STREAMS SECONDS COMMAND [ARGUMENT...]
// prints a row: name, streams, KB that a stream costs over an idle connection, the server's
// threads, p99 in ms of 64 callers without and beside the streams, ms until a change has reached
// every stream. COMMAND has the tools of bench_echo. Fails when a stream hears of a change twice,
// or not at all.

#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <stdexcept>
#include <string>
#include <vector>

#include "callers.h"
#include "http_connection.h"
#include "mcp_requests.h"
#include "server_process.h"

namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

class Streams {
 public:
  Streams() : poll_(::epoll_create1(0)) {}
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;
  ~Streams() { ::close(poll_); }

  /// A session that streams belong to is opened on a connection of its own, which is then closed.
  void open(const HttpServerProcess& server, const Requests& requests) {
    std::string session;
    if (requests.era() == Era::session) {
      HttpConnection opening(server.port());
      session = requests.open_session(opening);
    }
    Stream& stream = streams_.emplace_back(Stream{HttpConnection(server.port())});
    stream.connection.send(requests.listen(1, session));
    const std::string head = stream.connection.wait_for_stream();
    if (!head.starts_with("HTTP/1.1 200")) throw std::runtime_error("no stream: " + head);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &stream;
    ::epoll_ctl(poll_, EPOLL_CTL_ADD, stream.connection.descriptor(), &event);
  }

  /// Reads until nothing has come for `quiet` milliseconds, or each stream has heard of `changes`
  /// and `quiet` is 0.
  void read(std::size_t changes, int quiet) {
    std::size_t told = 0;
    for (const Stream& stream : streams_) told += stream.changes >= changes ? 1 : 0;
    epoll_event events[256];
    while (quiet > 0 || told < streams_.size()) {
      const int count = ::epoll_wait(poll_, events, 256, quiet > 0 ? quiet : 10'000);
      if (count <= 0 && quiet > 0) return;
      if (count <= 0) throw std::runtime_error("streams that do not hear of a change");
      for (int index = 0; index < count; ++index) {
        Stream& stream = *static_cast<Stream*>(events[index].data.ptr);
        if (!stream.connection.receive()) throw std::runtime_error("a stream was closed");
        const bool was_told = stream.changes >= changes;
        stream.changes += stream.connection.count("notifications/tools/list_changed");
        if (!was_told && stream.changes >= changes) ++told;
      }
    }
  }

  void check(std::size_t changes) const {
    for (const Stream& stream : streams_) {
      if (stream.changes != changes)
        throw std::runtime_error("a stream heard " + std::to_string(stream.changes) + " of " +
                                 std::to_string(changes) + " changes");
    }
  }

 private:
  struct Stream {
    HttpConnection connection;
    std::size_t changes = 0;
  };
  int poll_;
  std::deque<Stream> streams_;
};

void raise_descriptor_limit(std::size_t wanted) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_max < wanted + 200)
    throw std::runtime_error("only " + std::to_string(limit.rlim_max) +
                             " descriptors are allowed (ulimit -Hn)");
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 6) {
    std::fprintf(
        stderr,
        "usage: http_streams NAME session|stateless STREAMS SECONDS COMMAND [ARGUMENT...]\n");
    return 2;
  }
  const Era era = std::string_view(argv[2]) == "session" ? Era::session : Era::stateless;
  const auto count = static_cast<std::size_t>(std::atol(argv[3]));
  const double seconds = std::atof(argv[4]);
  const std::vector<std::string> command(argv + 5, argv + argc);
  raise_descriptor_limit(count);

  double idle = 0;
  double alone = 0;
  {
    const HttpServerProcess server(command);
    const Requests requests(era, server.port(), server.path());
    {
      Callers callers(server, requests, "echo", 64);
      callers.run(seconds / 4);  // warm up
      alone = callers.run(seconds).p99_milliseconds;
    }
    std::deque<HttpConnection> connections;
    for (std::size_t index = 0; index < count; ++index) {
      HttpConnection& connection = connections.emplace_back(server.port());
      connection.send(requests.call(1, "echo", requests.open_session(connection)));
      connection.wait();
    }
    idle = memory_mb(server.id(), {"Rss:"});
  }

  const HttpServerProcess server(command);
  const Requests requests(era, server.port(), server.path());
  {
    Callers callers(server, requests, "echo", 64);
    callers.run(seconds / 4);
  }
  Streams streams;
  for (std::size_t index = 0; index < count; ++index) streams.open(server, requests);
  const double open = memory_mb(server.id(), {"Rss:"});
  Callers callers(server, requests, "echo", 64);
  callers.run(seconds / 4);
  const double beside = callers.run(seconds).p99_milliseconds;
  HttpConnection changing(server.port());
  const std::string session = requests.open_session(changing);
  changing.send(requests.call(1, "change", session));
  const auto start = Clock::now();
  streams.read(1, 0);
  const double reached = milliseconds_since(start);
  changing.wait();
  streams.read(1, 200);
  streams.check(1);
  std::printf("%-34s %8zu %10.2f %8d %10.2f %10.2f %10.0f\n", argv[1], count,
              (open - idle) * 1024 / static_cast<double>(count), threads(server.id()), alone,
              beside, reached);
} catch (const std::exception& error) {
  std::fprintf(stderr, "http_streams: %s\n", error.what());
  return 1;
}
