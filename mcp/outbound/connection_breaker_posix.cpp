#include <csignal>
#include <ctime>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mcp/outbound/connection_breaker.h>

namespace mcp::outbound {

ConnectionBreaker::~ConnectionBreaker() {
  if (socket_ >= 0) ::close(socket_);
}

void ConnectionBreaker::follow(int socket) {
  const std::lock_guard lock(mutex_);
  if (socket_ >= 0) ::close(socket_);
  socket_ = ::fcntl(socket, F_DUPFD_CLOEXEC, 0);
  if (!shut_) return;
  // An address of the host's list failed because of `shut`, and the next one is about to be tried:
  // a local socket in its place makes that attempt fail at once.
  const int dead_end = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (dead_end >= 0) {
    ::dup2(dead_end, socket);
    ::close(dead_end);
  }
}

void ConnectionBreaker::shut() {
  const std::lock_guard lock(mutex_);
  shut_ = true;
  if (socket_ >= 0) ::shutdown(socket_, SHUT_RDWR);
}

SuppressBrokenPipeSignal::SuppressBrokenPipeSignal() {
  sigset_t wanted;
  sigset_t before;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGPIPE);
  if (::pthread_sigmask(SIG_BLOCK, &wanted, &before) == 0) {
    blocked_here_ = sigismember(&before, SIGPIPE) == 0;
  }
}

SuppressBrokenPipeSignal::~SuppressBrokenPipeSignal() {
  if (!blocked_here_) return;
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGPIPE);
  // A write raises the signal in its own thread: take it before it is let through.
  const timespec at_once{};
  while (::sigtimedwait(&wanted, nullptr, &at_once) == SIGPIPE) {
  }
  ::pthread_sigmask(SIG_UNBLOCK, &wanted, nullptr);
}

}  // namespace mcp::outbound
