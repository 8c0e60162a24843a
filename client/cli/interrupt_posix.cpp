#include <chrono>
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
namespace {

/// Longer than a server takes that ignores all but SIGKILL.
constexpr std::chrono::seconds end_limit{15};

sigset_t ending_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  struct sigaction hang_up {};
  ::sigaction(SIGHUP, nullptr, &hang_up);
  if (hang_up.sa_handler != SIG_IGN) sigaddset(&signals, SIGHUP);
  return signals;
}

}  // namespace

struct Interrupt::Impl {
  using Clock = std::chrono::steady_clock;

  mutable std::mutex mutex;
  std::optional<std::stop_source> work;
  int work_signal = 0;  // that stopped the present work
  int end_signal = 0;   // that ends the program
  Clock::time_point end_by = Clock::time_point::max();
  bool waking = false;  // the main thread's read, which has not noticed yet
  pthread_t main_thread = ::pthread_self();
  std::jthread thread;

  void received(int signal) {
    const std::lock_guard lock(mutex);
    const bool again = work && !work->request_stop();
    if (work && work_signal == 0) work_signal = signal;
    if ((again || signal != SIGINT) && end_signal == 0) {
      end_signal = signal;
      end_by = Clock::now() + end_limit;
    }
    waking = !work;
    if (waking) wake_prompt();
  }

  /// The prompt's read ends with EINTR; the signals themselves are blocked everywhere.
  void wake_prompt() const { ::pthread_kill(main_thread, SIGUSR1); }

  /// The main thread may have been on its way to the read when it was woken.
  void insist() {
    const std::lock_guard lock(mutex);
    if (end_signal != 0 && Clock::now() >= end_by) ::_exit(exit_code::signalled + end_signal);
    if (waking || (end_signal != 0 && !work)) wake_prompt();
  }

  void wait_for_signals(const std::stop_token& stop, const sigset_t& signals) {
    const timespec patience{0, 100'000'000};
    while (!stop.stop_requested()) {
      const int signal = ::sigtimedwait(&signals, nullptr, &patience);
      if (signal > 0) received(signal);
      insist();
    }
  }
};

Interrupt::Interrupt() : impl_(std::make_unique<Impl>()) {
  const sigset_t signals = ending_signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  struct sigaction wake {};
  wake.sa_handler = [](int) {};
  ::sigaction(SIGUSR1, &wake, nullptr);
  impl_->thread = std::jthread([impl = impl_.get(), signals](std::stop_token stop) {
    impl->wait_for_signals(stop, signals);
  });
}

Interrupt::~Interrupt() = default;

std::stop_token Interrupt::begin_work() {
  const std::lock_guard lock(impl_->mutex);
  impl_->work.emplace();
  impl_->work_signal = 0;
  impl_->waking = false;
  if (impl_->end_signal != 0) impl_->work->request_stop();
  return impl_->work->get_token();
}

void Interrupt::end_work() {
  const std::lock_guard lock(impl_->mutex);
  impl_->work.reset();
  impl_->work_signal = 0;
}

void Interrupt::read_interrupted() {
  const std::lock_guard lock(impl_->mutex);
  impl_->waking = false;
}

bool Interrupt::ending() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->end_signal != 0;
}

int Interrupt::exit_code() const {
  const std::lock_guard lock(impl_->mutex);
  const int signal = impl_->end_signal != 0 ? impl_->end_signal : impl_->work_signal;
  return signal == 0 ? 0 : exit_code::signalled + signal;
}

}  // namespace fairlead::agent
