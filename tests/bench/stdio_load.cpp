// Measures one stdio server: start to the first tools/list answer, memory when idle, then
// tools/call with 1 and with 64 calls in flight.
//   stdio_load NAME SECONDS COMMAND [ARGUMENT...]
// prints one row: name, start ms, idle RSS MB, idle private MB, calls/s and p50 µs at 1 in flight,
// calls/s and CPU µs a call at 64 in flight. Private is what the server holds while a second one of
// its kind runs, and so what one more costs: programs and libraries are shared between them.

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

#include "mcp_requests.h"
#include "server_process.h"

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

class Child {
 public:
  explicit Child(char** command) {
    int to_child[2];
    int from_child[2];
    if (pipe(to_child) != 0 || pipe(from_child) != 0) throw std::runtime_error("pipe failed");
    pid_ = fork();
    if (pid_ == 0) {
      dup2(to_child[0], 0);
      dup2(from_child[1], 1);
      const int null = open("/dev/null", O_WRONLY);
      dup2(null, 2);
      close(to_child[1]);
      close(from_child[0]);
      execvp(command[0], command);
      _exit(127);
    }
    close(to_child[0]);
    close(from_child[1]);
    input_ = to_child[1];
    output_ = from_child[0];
  }

  ~Child() {
    close(input_);
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
    close(output_);
  }

  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void write_all(const std::string& bytes) const {
    for (std::size_t written = 0; written < bytes.size();) {
      const ssize_t count = write(input_, bytes.data() + written, bytes.size() - written);
      if (count <= 0) throw std::runtime_error("the server closed its input");
      written += static_cast<std::size_t>(count);
    }
  }

  bool has_line() const { return buffer_.find('\n', position_) != std::string::npos; }

  std::string line() {
    for (;;) {
      const std::size_t end = buffer_.find('\n', position_);
      if (end != std::string::npos) {
        std::string found = buffer_.substr(position_, end - position_);
        position_ = end + 1;
        return found;
      }
      buffer_.erase(0, position_);
      position_ = 0;
      static char chunk[262144];
      const ssize_t count = read(output_, chunk, sizeof chunk);
      if (count <= 0) throw std::runtime_error("the server closed its output");
      buffer_.append(chunk, static_cast<std::size_t>(count));
    }
  }

  pid_t id() const { return pid_; }

 private:
  pid_t pid_ = 0;
  int input_ = -1;
  int output_ = -1;
  std::string buffer_;
  std::size_t position_ = 0;
};

std::string call(long id) {
  return call_body(id, "echo") + '\n';
}

struct Load {
  double calls_per_second;
  double cpu_microseconds;
  double p50_microseconds;
};

Load load(Child& server, long& id, int window, double seconds) {
  std::vector<double> latencies;
  long done = 0;
  long in_flight = 0;
  const double cpu_before = cpu_seconds(server.id());
  const Clock::time_point start = Clock::now();
  for (bool stop = false; !stop || in_flight > 0;) {
    stop = seconds_since(start) > seconds;
    const Clock::time_point sent = Clock::now();
    std::string calls;
    for (; !stop && in_flight < window; ++in_flight) calls += call(id++);
    if (!calls.empty()) server.write_all(calls);
    if (in_flight == 0) break;
    do {
      if (server.line().find("quick brown fox") == std::string::npos) {
        throw std::runtime_error("an answer did not echo its text");
      }
      --in_flight;
      ++done;
    } while (in_flight > 0 && server.has_line());
    if (window == 1) latencies.push_back(seconds_since(sent) * 1e6);
  }
  const double elapsed = seconds_since(start);
  const double cpu = cpu_seconds(server.id()) - cpu_before;
  std::sort(latencies.begin(), latencies.end());
  return {static_cast<double>(done) / elapsed, cpu / static_cast<double>(done) * 1e6,
          latencies.empty() ? 0 : latencies[latencies.size() / 2]};
}

// Returns when the first tools/list is answered.
void list_tools(Child& server) {
  server.write_all(
      R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18",)"
      R"("capabilities":{},"clientInfo":{"name":"stdio_load","version":"1"}}})"
      "\n");
  server.line();
  server.write_all(R"({"jsonrpc":"2.0","method":"notifications/initialized"})"
                   "\n"
                   R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})"
                   "\n");
  while (server.line().find("\"tools\"") == std::string::npos) {
  }
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 4) {
    std::fprintf(stderr, "usage: stdio_load NAME SECONDS COMMAND [ARGUMENT...]\n");
    return 2;
  }
  const double seconds = std::atof(argv[2]);
  const Clock::time_point start = Clock::now();
  Child server(argv + 3);
  list_tools(server);
  const double start_ms = seconds_since(start) * 1e3;
  const double resident = memory_mb(server.id(), {"Rss:"});
  double own = 0;
  {
    Child another(argv + 3);
    list_tools(another);
    own = memory_mb(server.id(), {"Private_Clean:", "Private_Dirty:"});
  }
  if (seconds <= 0) {
    std::printf("%-28s %8.1f %8.1f %8.1f\n", argv[1], start_ms, resident, own);
    return 0;
  }
  long id = 2;
  load(server, id, 64, seconds / 2);  // warm up
  const Load one = load(server, id, 1, seconds);
  const Load many = load(server, id, 64, seconds);
  std::printf("%-28s %8.1f %8.1f %8.1f %10.0f %8.1f %10.0f %8.2f\n", argv[1], start_ms, resident,
              own, one.calls_per_second, one.p50_microseconds, many.calls_per_second,
              many.cpu_microseconds);
} catch (const std::exception& error) {
  std::fprintf(stderr, "stdio_load: %s\n", error.what());
  return 1;
}
