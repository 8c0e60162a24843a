#include <mcp/transport/child_process.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <mcp/base/runtime_asio.h>
#include <mcp/transport/last_lines.h>
#include <mcp/transport/line_stream_posix.h>
#include <mcp/transport/spawn_posix.h>
#include <mcp/transport/state_handle.h>

// How a child ends. Whatever comes first (our close, the end of its output, a broken stdin, its
// exit) leads into the same path:
//
//   close its stdin ─ waits ─▶ SIGTERM ─ waits ─▶ SIGKILL          (each to the process group)
//         └────────────────┴── it exits ───┴─────────┘
//                                 │  it stays a zombie meanwhile: its number, which is the group's
//                                 │  too, cannot go to anybody else
//              SIGTERM to what is left of the group
//                                 │  until both pipes have ended; who keeps them open longer than
//                                 │  terminate_timeout gets SIGKILL and is not read any more
//                            reap, closed()

namespace mcp {
namespace {

/// Where the system cannot tell when a process ends: how often to ask.
constexpr Duration exit_poll = std::chrono::milliseconds(20);

/// A descriptor that is readable once the process has ended; empty where there is no such thing.
Descriptor open_process(pid_t pid) {
#ifdef SYS_pidfd_open
  return Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
#else
  static_cast<void>(pid);
  return {};
#endif
}

class ChildState final : public LineStream::Owner, public std::enable_shared_from_this<ChildState> {
 public:
  ChildState(Loop& loop, const ChildProcessOptions& options)
      : ChildState(loop, options, spawn(options)) {}

  ~ChildState() override {
    if (reaped_) return;
    ::kill(-pid_, SIGKILL);
    reap(0);
  }

  bool send(std::string&& bytes) { return stream_->send(std::move(bytes)); }

  // Everything below: on the loop.
  void begin() {
    read_stderr();
    watch_exit();
  }

  void start(Transport::Handler& handler) {
    if (abandoned_) return;
    handler_ = &handler;
    stream_->start(weak_from_this());
    if (exit_) after_exit();
  }

  void close() {
    close_requested_ = true;
    end_input();
  }

  void abandon() {
    // Whatever waits for the exit keeps this alive until the process is reaped.
    abandoned_ = true;
    handler_ = nullptr;
    loop_.cancel(timer_);
    stream_->stop();
    close_stderr();
    if (!reaped_) ::kill(-pid_, SIGKILL);
    if (exit_) finish();
  }

  // After close() the child is read on, so that it can write its last words, but not listened to.
  void line(std::string_view text) override {
    if (handler_ != nullptr && !close_requested_) handler_->message(text);
  }
  void oversized() override {
    if (handler_ != nullptr && !close_requested_) handler_->oversized(options_.max_line_bytes);
  }
  void input_ended(const boost::system::error_code&) override {
    output_of_child_ended_ = true;
    step();
  }
  void output_ended(const boost::system::error_code& error) override {
    if (error) step();
  }

 private:
  ChildState(Loop& loop, const ChildProcessOptions& options, SpawnedProcess process)
      : loop_(loop),
        options_(options),
        pid_(process.pid),
        stderr_tail_(options.on_stderr_line),
        stderr_(io_context_of(loop)),
        process_(io_context_of(loop)) {
    try {
      stream_ = std::make_shared<LineStream>(loop, std::move(process.standard_output),
                                             std::move(process.standard_input),
                                             options.max_line_bytes, options.max_queued_bytes);
      stderr_.assign(process.standard_error.get());
      process.standard_error.release();
      if (Descriptor descriptor = open_process(pid_)) {
        process_.assign(descriptor.get());
        descriptor.release();
      }
    } catch (...) {
      ::kill(-pid_, SIGKILL);
      reap(0);
      throw;
    }
  }

  void read_stderr() {
    stderr_.async_read_some(
        boost::asio::buffer(stderr_buffer_),
        [self = shared_from_this()](const boost::system::error_code& error, std::size_t bytes) {
          if (!self->stderr_.is_open()) return;
          self->stderr_tail_.add({self->stderr_buffer_.data(), bytes});
          if (!error) return self->read_stderr();
          self->close_stderr();
          if (self->exit_) self->step();
        });
  }

  void close_stderr() {
    if (!stderr_.is_open()) return;
    boost::system::error_code ignored;
    stderr_.close(ignored);
    if (!abandoned_) stderr_tail_.finish();
  }

  void watch_exit() {
    if (process_.is_open()) {
      process_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                          [self = shared_from_this()](const boost::system::error_code&) {
                            if (!self->ask_for_exit()) self->poll_exit();
                          });
    } else {
      poll_exit();
    }
  }

  void poll_exit() {
    loop_.schedule(exit_poll, [self = shared_from_this()] {
      if (!self->ask_for_exit()) self->poll_exit();
    });
  }

  /// True when the process has ended, and the end of it taken care of.
  bool ask_for_exit() {
    siginfo_t info{};
    const int result = ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
    if (result != 0 && errno == ECHILD) {
      // Somebody else in this program has reaped it, or told the system to.
      reaped_ = true;
      exit_ = "has ended with an unknown status (this program reaps children that are not its own)";
    } else if (result == 0 && info.si_pid == pid_) {
      exit_ = describe(info);
    } else {
      return false;
    }
    boost::system::error_code ignored;
    process_.close(ignored);
    if (abandoned_) {
      finish();
    } else if (handler_ != nullptr) {
      after_exit();
    }
    return true;
  }

  static std::string describe(const siginfo_t& info) {
    if (info.si_code == CLD_EXITED) return "exited with status " + std::to_string(info.si_status);
    return "was killed by signal " + std::to_string(info.si_status) + " (" +
           ::strsignal(info.si_status) + ")";
  }

  void after_exit() {
    loop_.cancel(timer_);
    stream_->end_output();
    if (!reaped_) ::kill(-pid_, SIGTERM);
    timer_ = schedule(options_.terminate_timeout);
    step();
  }

  void step() {
    if (!exit_) return end_input();
    if (output_of_child_ended_ && !stderr_.is_open()) finish();
  }

  void end_input() {
    if (exit_ || std::exchange(ending_, true)) return;
    stream_->end_output();
    timer_ = schedule(options_.end_of_input_timeout);
  }

  Loop::TimerId schedule(Duration delay) {
    return loop_.schedule(delay, [weak = weak_from_this()] {
      if (auto self = weak.lock()) self->timed_out();
    });
  }

  void timed_out() {
    if (exit_) {
      if (!reaped_) ::kill(-pid_, SIGKILL);
      finish();
    } else if (!std::exchange(terminated_, true)) {
      ::kill(-pid_, SIGTERM);
      timer_ = schedule(options_.terminate_timeout);
    } else {
      ::kill(-pid_, SIGKILL);
    }
  }

  void finish() {
    if (std::exchange(finished_, true)) return;
    loop_.cancel(timer_);
    stream_->stop();
    close_stderr();
    if (!reaped_) reap(WNOHANG);
    if (handler_ == nullptr) return;
    std::string reason;
    if (!close_requested_) {
      reason = "'" + options_.command + "' " + *exit_;
      const std::string tail = stderr_tail_.text();
      if (!tail.empty()) reason += "; the end of its stderr:\n" + tail;
    }
    std::exchange(handler_, nullptr)->closed(reason);
  }

  void reap(int flags) {
    int status = 0;
    while (::waitpid(pid_, &status, flags) < 0 && errno == EINTR) {
    }
    reaped_ = true;
  }

  Loop& loop_;
  const ChildProcessOptions options_;
  const pid_t pid_;
  std::shared_ptr<LineStream> stream_;
  LastLines stderr_tail_;
  std::array<char, 4096> stderr_buffer_;
  boost::asio::posix::stream_descriptor stderr_;
  boost::asio::posix::stream_descriptor process_;
  Transport::Handler* handler_ = nullptr;
  Loop::TimerId timer_ = Loop::TimerId::none;
  std::optional<std::string> exit_;  // how it ended; the process is a zombie until it is reaped
  bool output_of_child_ended_ = false;
  bool close_requested_ = false;
  bool ending_ = false;
  bool terminated_ = false;
  bool abandoned_ = false;
  bool finished_ = false;
  bool reaped_ = false;
};

}  // namespace

std::unique_ptr<Transport> make_child_process_transport(Runtime& runtime,
                                                        const ChildProcessOptions& options) {
  Loop& loop = runtime.loop();
  io_context_of(loop);  // refuses a loop that cannot serve before there is a process to reap
  auto state = std::make_shared<ChildState>(loop, options);
  loop.post([state] { state->begin(); });
  return std::make_unique<StateHandle<ChildState>>(loop, std::move(state));
}

}  // namespace mcp
