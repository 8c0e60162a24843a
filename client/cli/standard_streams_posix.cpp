#include <cerrno>

#include <poll.h>
#include <unistd.h>

#include <client/cli/standard_streams.h>

namespace fairlead::agent {

bool stdin_is_terminal() {
  return ::isatty(STDIN_FILENO) == 1;
}

bool stdout_is_terminal() {
  return ::isatty(STDOUT_FILENO) == 1;
}

bool stdin_is_ready(std::chrono::milliseconds patience) {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  return ::poll(&input, 1, static_cast<int>(patience.count())) > 0;
}

StdinRead read_stdin(std::size_t max_bytes) {
  std::string bytes(max_bytes, '\0');
  const ssize_t got = ::read(STDIN_FILENO, bytes.data(), bytes.size());
  const bool interrupted = got < 0 && errno == EINTR;
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return {std::move(bytes), interrupted};
}

}  // namespace fairlead::agent
