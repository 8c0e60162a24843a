#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <system_error>

#include <mcp/server/stop_signals.h>

// Events go through a pipe, because that is what a signal handler may write to.

namespace mcp::server {
namespace {

int read_end = -1;
std::atomic<int> write_end = -1;
struct sigaction old_terminate;
struct sigaction old_interrupt;

void put(StopSignals::Event event) {
  const char byte = static_cast<char>(event);
  // A full pipe holds enough events to end the process.
  [[maybe_unused]] const auto written = ::write(write_end.load(), &byte, 1);
}

void on_signal(int) {
  const int saved = errno;
  put(StopSignals::Event::signal);
  errno = saved;
}

}  // namespace

StopSignals::StopSignals() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
    throw std::system_error(errno, std::generic_category(), "pipe");
  read_end = ends[0];
  write_end = ends[1];
  struct sigaction action = {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGTERM, &action, &old_terminate);
  ::sigaction(SIGINT, &action, &old_interrupt);
}

StopSignals::~StopSignals() {
  ::sigaction(SIGTERM, &old_terminate, nullptr);
  ::sigaction(SIGINT, &old_interrupt, nullptr);
  ::close(write_end.exchange(-1));
  ::close(read_end);
}

void StopSignals::notify(Event event) {
  put(event);
}

std::optional<StopSignals::Event> StopSignals::wait(std::optional<Duration> timeout) {
  using std::chrono::steady_clock;
  const auto end = timeout ? steady_clock::now() + *timeout : steady_clock::time_point::max();
  for (;;) {
    char byte = 0;
    if (::read(read_end, &byte, 1) == 1) return static_cast<Event>(byte);
    int milliseconds = -1;
    if (timeout) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - steady_clock::now());
      if (left.count() <= 0) return std::nullopt;
      milliseconds = static_cast<int>(std::min<std::int64_t>(left.count(), 1'000'000));
    }
    pollfd ready{read_end, POLLIN, 0};
    ::poll(&ready, 1, milliseconds);
  }
}

}  // namespace mcp::server
