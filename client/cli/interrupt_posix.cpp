#include <csignal>
#include <ctime>
#include <mutex>
#include <optional>
#include <thread>

#include <pthread.h>
#include <unistd.h>

#include <client/cli/exit_code.h>
#include <client/cli/interrupt.h>

namespace fairlead::agent {

struct Interrupt::Impl {
  std::mutex mutex;
  std::optional<std::stop_source> work;
  pthread_t main_thread = ::pthread_self();
  std::jthread thread;

  void received() {
    const std::lock_guard lock(mutex);
    if (!work) {
      // The prompt's read ends with EINTR; SIGINT itself is blocked everywhere.
      ::pthread_kill(main_thread, SIGUSR1);
      return;
    }
    if (!work->request_stop()) ::_exit(exit_code::cancelled);
  }

  void wait_for_signals(const std::stop_token& stop) {
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGINT);
    const timespec patience{0, 100'000'000};
    while (!stop.stop_requested()) {
      if (::sigtimedwait(&wanted, nullptr, &patience) == SIGINT) received();
    }
  }
};

Interrupt::Interrupt() : impl_(std::make_unique<Impl>()) {
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
  struct sigaction wake {};
  wake.sa_handler = [](int) {};
  ::sigaction(SIGUSR1, &wake, nullptr);
  impl_->thread =
      std::jthread([impl = impl_.get()](std::stop_token stop) { impl->wait_for_signals(stop); });
}

Interrupt::~Interrupt() = default;

std::stop_token Interrupt::begin_work() {
  const std::lock_guard lock(impl_->mutex);
  impl_->work.emplace();
  return impl_->work->get_token();
}

void Interrupt::end_work() {
  const std::lock_guard lock(impl_->mutex);
  impl_->work.reset();
}

}  // namespace fairlead::agent
