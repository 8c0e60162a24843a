// What no honest client does, at an HTTP server that answers an honest one all the while.
//   http_abuse CONNECTIONS CHURN COMMAND [ARGUMENT...]      by hand: 2000 100000
// COMMAND is busy_server. Prints a line for each abuse; fails when the honest client is not
// answered rightly, when an abuse is not refused as it should be, or when memory does not come
// back.

#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "../bench/callers.h"

namespace {

using Clock = std::chrono::steady_clock;

// The sanitizer keeps it to see whether it is used.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool keeps_freed_memory = true;
#else
constexpr bool keeps_freed_memory = false;
#endif
#else
constexpr bool keeps_freed_memory = false;
#endif

std::size_t connections = 0;
/// Abuse comes from an address of its own, 127.0.0.2.
constexpr std::uint8_t abuser = 2;

/// Calls without end in both eras; what the worst of its answers took.
class Honest {
 public:
  explicit Honest(const HttpServerProcess& server) : thread_([this, &server] { run(server); }) {}
  ~Honest() {
    stop_ = true;
    thread_.join();
  }
  void check() const {
    if (failed_) throw std::runtime_error("the honest client was not answered");
  }
  /// Since the last time.
  double worst_milliseconds() { return worst_.exchange(0); }

 private:
  void run(const HttpServerProcess& server) try {
    const Requests session(Era::session, server.port(), server.path());
    const Requests stateless(Era::stateless, server.port(), server.path());
    Callers with_session(server, session, "echo", 1);
    Callers without(server, stateless, "echo_stream", 1);
    while (!stop_) {
      for (Callers* callers : {&with_session, &without}) {
        const Load load = callers->run(0.05);
        if (load.p99_milliseconds > worst_) worst_ = load.p99_milliseconds;
      }
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "the honest client: %s\n", error.what());
    failed_ = true;
  }

  std::atomic<bool> stop_ = false;
  std::atomic<bool> failed_ = false;
  std::atomic<double> worst_ = 0;
  std::thread thread_;
};

std::string head(const HttpServerProcess& server, const std::string& more) {
  return "POST " + server.path() + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
         "\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n" +
         more;
}

/// The status the server answers before it closes; 0: it closed without a word.
int status_at_end(HttpConnection& connection) {
  int status = 0;
  for (;;) {
    if (const auto got = connection.response()) status = got->status;
    pollfd waited{connection.descriptor(), POLLIN, 0};
    if (::poll(&waited, 1, 60'000) != 1)
      throw std::runtime_error("a connection is still open after a minute");
    if (!connection.receive()) break;
  }
  if (const auto got = connection.response()) status = got->status;
  return status;
}

/// Each connection says `said` and is then closed by the server, which answers `status`.
void refused(const HttpServerProcess& server, const std::string& said, int status) {
  std::deque<HttpConnection> all;
  for (std::size_t index = 0; index < connections; ++index) {
    HttpConnection& connection = all.emplace_back(server.port(), abuser);
    // What it will not read need not fit the socket.
    ::send(connection.descriptor(), said.data(), said.size(), MSG_NOSIGNAL);
  }
  for (HttpConnection& connection : all) {
    const int got = status_at_end(connection);
    if (got != status)
      throw std::runtime_error("answered " + std::to_string(got) + " instead of " +
                               std::to_string(status));
  }
}

void slow_headers(const HttpServerProcess& server) {
  refused(server, "POST /mcp HTTP/1.1\r\nHost: a", 408);
}

void half_a_body(const HttpServerProcess& server) {
  refused(server, head(server, "Content-Length: 1000\r\n\r\n{\"jsonrpc\":"), 408);
}

void gigabyte_announced(const HttpServerProcess& server) {
  refused(server, head(server, "Content-Length: 1073741824\r\n\r\n{"), 413);
}

void header_flood(const HttpServerProcess& server) {
  std::string fields;
  for (int index = 0; index < 1000; ++index) fields += "X-" + std::to_string(index) + ": y\r\n";
  refused(server, head(server, fields + "\r\n"), 431);
}

void garbage(const HttpServerProcess& server) {
  const Requests requests(Era::stateless, server.port(), server.path());
  refused(server, requests.call(1, "echo", "") + std::string("\x00\xff\r\n garbage \r\n\r\n", 17),
          400);
}

/// Streams that nobody reads: the server drops them and lets go of what waits for them.
void unread_streams(const HttpServerProcess& server) {
  const Requests requests(Era::stateless, server.port(), server.path());
  std::deque<HttpConnection> all;
  for (std::size_t index = 0; index < connections / 10; ++index) {
    HttpConnection& connection = all.emplace_back(server.port(), abuser);
    connection.send(requests.tool_call(1, "flood", R"({"messages":20000})", ""));
  }
  for (HttpConnection& connection : all) connection.wait_for_stream();
  HttpConnection watching(server.port());
  for (const auto until = Clock::now() + std::chrono::seconds(120);;) {
    // The honest client may have one.
    if (requests.metric(watching, "mcp_http_open_streams") <= 1) return;
    if (Clock::now() > until) throw std::runtime_error("streams that nobody reads stay open");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

/// Connections that come and go: politely, in the middle of a request, and with a reset.
void churn(const HttpServerProcess& server, std::size_t count) {
  const Requests requests(Era::stateless, server.port(), server.path());
  for (std::size_t index = 0; index < count; ++index) {
    const HttpConnection connection(server.port(), abuser);
    if (index % 3 == 1) connection.send(requests.call(1, "wait", ""));
    const linger reset{1, 0};
    if (index % 3 != 0)
      ::setsockopt(connection.descriptor(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  }
}

/// The server gives back what a burst took when it has looked twice and the burst is past.
double settled_megabytes(const HttpServerProcess& server, double most) {
  for (const auto until = Clock::now() + std::chrono::seconds(keeps_freed_memory ? 0 : 30);;) {
    const double resident = memory_mb(server.id(), {"Rss:"});
    if (resident <= most || Clock::now() > until) return resident;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 4) {
    std::fprintf(stderr, "usage: http_abuse CONNECTIONS CHURN COMMAND [ARGUMENT...]\n");
    return 2;
  }
  connections = static_cast<std::size_t>(std::atol(argv[1]));
  const auto churned = static_cast<std::size_t>(std::atol(argv[2]));
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);

  const HttpServerProcess server({argv + 3, argv + argc});
  const Requests requests(Era::stateless, server.port(), server.path());
  Honest honest(server);
  {  // what this many honest connections take is where memory comes back to
    Callers many(server, requests, "echo", connections);
    many.run(1);
  }
  const double before = memory_mb(server.id(), {"Rss:"});
  std::printf("%-24s %8s %10s %10s\n", "", "s", "worst ms", "RSS MB");
  const auto abuse = [&](const char* name, const auto& perform) {
    const auto start = Clock::now();
    perform();
    honest.check();
    std::printf("%-24s %8.1f %10.1f %10.1f\n", name,
                std::chrono::duration<double>(Clock::now() - start).count(),
                honest.worst_milliseconds(), memory_mb(server.id(), {"Rss:"}));
    std::fflush(stdout);
  };
  honest.worst_milliseconds();
  abuse("slow headers", [&] { slow_headers(server); });
  abuse("half a body", [&] { half_a_body(server); });
  abuse("a gigabyte announced", [&] { gigabyte_announced(server); });
  abuse("a flood of headers", [&] { header_flood(server); });
  abuse("garbage in the pipeline", [&] { garbage(server); });
  // What one flood leaves behind shows when there are several.
  for (const char* name : {"streams that nobody reads", "the same again", "and a third time"})
    abuse(name, [&] { unread_streams(server); });
  abuse("connections that leave", [&] { churn(server, churned); });
  HttpConnection watching(server.port());
  for (const auto until = Clock::now() + std::chrono::seconds(60);
       requests.metric(watching, "mcp_http_open_calls") > 2;) {  // the honest client's
    if (Clock::now() > until) throw std::runtime_error("calls go on though their clients left");
  }
  honest.check();
  const double most = before + 8;
  const double after = settled_megabytes(server, most);
  std::printf("RSS before %.1f MB, after %.1f MB\n", before, after);
  if (!keeps_freed_memory && after > most) throw std::runtime_error("memory does not come back");
} catch (const std::exception& error) {
  std::fprintf(stderr, "http_abuse: %s\n", error.what());
  return 1;
}
