#include <mcp/transport/stdio.h>

#include <atomic>
#include <cerrno>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mcp/transport/descriptor_posix.h>
#include <mcp/transport/line_stream_posix.h>
#include <mcp/transport/state_handle.h>

namespace mcp {
namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::system_category(), what);
}

/// A descriptor of our own for the same pipe or file. Where possible it is opened anew: a mere
/// duplicate shares its non-blocking mode with every other holder, and a terminal or a pipe that
/// stderr points at too would lose log lines by it.
Descriptor private_descriptor(int fd, int mode, const char* what) {
  // When the process was started with it closed, something of ours (the loop's) has got its number;
  // what is inherited is never marked close-on-exec.
  const int flags = ::fcntl(fd, F_GETFD);
  if (flags >= 0 && (flags & FD_CLOEXEC) != 0) errno = EBADF;
  if (flags < 0 || (flags & FD_CLOEXEC) != 0) fail(what);
  Descriptor copy(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
  if (!copy) fail(what);
  struct stat status {};
  if (::fstat(fd, &status) == 0 && (S_ISFIFO(status.st_mode) || ::isatty(fd) == 1)) {
    const std::string path = "/dev/fd/" + std::to_string(copy.get());
    Descriptor opened(::open(path.c_str(), mode | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
    if (opened && opened.get() >= 3) return opened;
  }
  return copy;
}

void point(int fd, int target) {
  if (::dup2(target, fd) < 0) fail("cannot redirect a standard descriptor");
}

std::atomic<bool> taken = false;

class StdioState final : public LineStream::Owner, public std::enable_shared_from_this<StdioState> {
 public:
  StdioState(Loop& loop, const StdioOptions& options, Descriptor input, Descriptor output)
      : loop_(loop),
        options_(options),
        stream_(std::make_shared<LineStream>(loop, std::move(input), std::move(output),
                                             options.max_line_bytes, options.max_queued_bytes)) {}

  bool send(std::string&& bytes) { return stream_->send(std::move(bytes)); }

  // Everything below: on the loop.
  void start(Transport::Handler& handler) {
    if (ended_) return;
    handler_ = &handler;
    stream_->start(weak_from_this());
  }

  void close(const std::string& reason = "") {
    if (ended_ || std::exchange(closing_, true)) return;
    reason_ = reason;
    stream_->stop_input();
    timer_ = loop_.schedule(options_.close_timeout, [weak = weak_from_this()] {
      if (auto self = weak.lock()) {
        self->end("the reader of standard output did not take what was queued in time");
      }
    });
    stream_->end_output();
  }

  void abandon() {
    handler_ = nullptr;
    end("");
  }

  void line(std::string_view text) override { handler_->message(text); }
  void oversized() override { handler_->oversized(options_.max_line_bytes); }
  void input_ended(const boost::system::error_code& error) override {
    if (error) {
      close("cannot read standard input: " + error.message());
    } else if (!handler_->input_ended()) {
      close();
    }
  }
  void output_ended(const boost::system::error_code& error) override {
    end(error ? "cannot write to standard output: " + error.message() : reason_);
  }

 private:
  void end(const std::string& reason) {
    if (std::exchange(ended_, true)) return;
    loop_.cancel(timer_);
    stream_->stop();
    if (handler_ != nullptr) std::exchange(handler_, nullptr)->closed(reason);
  }

  Loop& loop_;
  const StdioOptions options_;
  const std::shared_ptr<LineStream> stream_;
  Transport::Handler* handler_ = nullptr;
  std::string reason_;
  Loop::TimerId timer_ = Loop::TimerId::none;
  bool closing_ = false;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<Transport> make_stdio_transport(Runtime& runtime, const StdioOptions& options) {
  if (taken.exchange(true)) {
    throw std::logic_error("standard input and output were taken by another stdio transport");
  }
  Descriptor input = private_descriptor(0, O_RDONLY, "standard input is not open");
  Descriptor output = private_descriptor(1, O_WRONLY, "standard output is not open");
  auto state =
      std::make_shared<StdioState>(runtime.loop(), options, std::move(input), std::move(output));
  const Descriptor empty(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!empty) fail("cannot open /dev/null");
  point(0, empty.get());
  point(1, ::fcntl(2, F_GETFD) < 0 ? empty.get() : 2);
  return std::make_unique<StateHandle<StdioState>>(runtime.loop(), std::move(state));
}

}  // namespace mcp
