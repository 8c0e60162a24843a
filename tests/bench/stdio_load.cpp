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
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

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

  double cpu_seconds() const {
    std::ifstream file("/proc/" + std::to_string(pid_) + "/stat");
    std::string text{std::istreambuf_iterator<char>(file), {}};
    std::istringstream fields(text.substr(text.rfind(')') + 2));
    std::string skipped;
    for (int field = 0; field < 11; ++field) fields >> skipped;
    double user = 0;
    double system = 0;
    fields >> user >> system;
    return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
  }

  // A sum of lines of /proc/PID/smaps_rollup, in MB.
  double memory_mb(std::initializer_list<const char*> keys) const {
    std::ifstream file("/proc/" + std::to_string(pid_) + "/smaps_rollup");
    double kilobytes = 0;
    for (std::string text; std::getline(file, text);) {
      for (const char* key : keys) {
        if (text.rfind(key, 0) == 0) kilobytes += std::atof(text.c_str() + std::string(key).size());
      }
    }
    return kilobytes / 1024;
  }

 private:
  pid_t pid_ = 0;
  int input_ = -1;
  int output_ = -1;
  std::string buffer_;
  std::size_t position_ = 0;
};

// The 535-byte call that all of the project's measurements use.
std::string call(long id) {
  static const std::string text = [] {
    std::string repeated;
    for (int count = 0; count < 10; ++count) repeated += "The quick brown fox. ";
    return repeated;
  }();
  return R"({"jsonrpc":"2.0","id":)" + std::to_string(id) +
         R"(,"method":"tools/call","params":{"name":"echo","arguments":{"text":")" + text +
         R"(","count":3,"options":{"uppercase":false,"trim":true,"locale":"en_US",)"
         R"("tags":["alpha","beta","gamma","delta"]}},"_meta":{"progressToken":"tok-000000012345",)"
         R"("traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}})"
         "\n";
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
  const double cpu_before = server.cpu_seconds();
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
  const double cpu = server.cpu_seconds() - cpu_before;
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
  const double resident = server.memory_mb({"Rss:"});
  double own = 0;
  {
    Child another(argv + 3);
    list_tools(another);
    own = server.memory_mb({"Private_Clean:", "Private_Dirty:"});
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
