#include "command_process.h"

#include <doctest/doctest.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

constexpr int patience_ms = 60'000;

void close_once(int& descriptor) {
  if (descriptor >= 0) ::close(descriptor);
  descriptor = -1;
}

/// Waits for bytes or the end, and appends them. False at the end.
bool read_some(int descriptor, std::string& to) {
  pollfd wanted{descriptor, POLLIN, 0};
  REQUIRE(::poll(&wanted, 1, patience_ms) > 0);
  char buffer[65536];
  const ssize_t got = ::read(descriptor, buffer, sizeof buffer);
  // A terminal whose last program has gone answers EIO.
  if (got <= 0) return false;
  to.append(buffer, static_cast<std::size_t>(got));
  return true;
}

[[noreturn]] void become(const std::vector<std::string>& command,
                         const CommandProcess::Options& options) {
  ::signal(SIGPIPE, SIG_DFL);
  if (options.inherits >= 0) ::fcntl(options.inherits, F_SETFD, 0);
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  // Nothing of the developer's own gateway; without a home there is no history file either.
  std::vector<char*> environment;
  for (const char* key : {"PATH", "ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"})
    if (char* value = std::getenv(key)) environment.push_back(value - std::strlen(key) - 1);
  environment.push_back(nullptr);
  const bool bare = options.environment == CommandProcess::Environment::bare;
  ::execve(words.front(), words.data(), bare ? environment.data() : environ);
  ::_exit(127);
}

}  // namespace

CommandProcess::CommandProcess(const std::vector<std::string>& command, On on,
                               const Options& options) {
  ::signal(SIGPIPE, SIG_IGN);
  if (on == On::terminal) {
    struct winsize size {};
    size.ws_row = 40;
    size.ws_col = 200;
    pid_ = ::forkpty(&out_, nullptr, nullptr, &size);
    REQUIRE_MESSAGE(pid_ >= 0, "no pseudo-terminal; is devpts mounted on /dev/pts?");
    if (pid_ == 0) become(command, options);
    in_ = ::dup(out_);
    return;
  }
  int to_child[2];
  int from_child[2];
  REQUIRE(::pipe2(to_child, O_CLOEXEC) == 0);
  int errors[2] = {-1, -1};
  REQUIRE(::pipe2(from_child, O_CLOEXEC) == 0);
  if (options.errors == Errors::apart) REQUIRE(::pipe2(errors, O_CLOEXEC) == 0);
  pid_ = ::fork();
  REQUIRE(pid_ >= 0);
  if (pid_ == 0) {
    ::dup2(to_child[0], STDIN_FILENO);
    ::dup2(from_child[1], STDOUT_FILENO);
    if (options.errors == Errors::dropped) errors[1] = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    ::dup2(errors[1] >= 0 ? errors[1] : from_child[1], STDERR_FILENO);
    become(command, options);
  }
  ::close(to_child[0]);
  ::close(from_child[1]);
  close_once(errors[1]);
  in_ = to_child[1];
  out_ = from_child[0];
  err_ = errors[0];
}

CommandProcess::~CommandProcess() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  close_input();
  close_output();
  close_once(err_);
}

void CommandProcess::signal(int number) const {
  REQUIRE(::kill(pid_, number) == 0);
  // A second signal of the same number is lost while the first one waits.
  for (bool waits = true; waits; std::this_thread::yield()) {
    std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
    std::string word;
    unsigned long long pending = 0;
    while (status >> word && word != "ShdPnd:") {
    }
    status >> std::hex >> pending;
    waits = (pending >> (number - 1) & 1) != 0;
  }
}

void CommandProcess::type(std::string_view text) const {
  REQUIRE(write(text));
}

bool CommandProcess::write(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t count = ::write(in_, bytes.data(), bytes.size());
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

void CommandProcess::close_input() {
  close_once(in_);
}

void CommandProcess::close_output() {
  close_once(out_);
}

std::string CommandProcess::read_until(std::string_view text) {
  for (;;) {
    if (const std::size_t found = output_.find(text, seen_); found != std::string::npos) {
      const std::size_t end = found + text.size();
      std::string fresh = output_.substr(seen_, end - seen_);
      seen_ = end;
      return fresh;
    }
    CAPTURE(output_);
    CAPTURE(text);
    REQUIRE(read_some(out_, output_));
  }
}

std::string CommandProcess::read_line() {
  std::size_t end = output_.find('\n', seen_);
  while (end == std::string::npos) {
    const std::size_t searched = output_.size();
    if (!read_some(out_, output_)) return output_.substr(std::exchange(seen_, output_.size()));
    end = output_.find('\n', searched);
  }
  const std::size_t begin = std::exchange(seen_, end + 1);
  return output_.substr(begin, end - begin);
}

bool CommandProcess::speaks_within(std::chrono::milliseconds time) const {
  pollfd out{out_, POLLIN, 0};
  return ::poll(&out, 1, static_cast<int>(time.count())) > 0;
}

int CommandProcess::wait() {
  // Both at once: a process that waits for a reader of one does not close the other.
  for (bool out = out_ >= 0, err = err_ >= 0; out || err;) {
    pollfd wanted[] = {{out ? out_ : -1, POLLIN, 0}, {err ? err_ : -1, POLLIN, 0}};
    REQUIRE(::poll(wanted, 2, patience_ms) > 0);
    if (wanted[0].revents != 0) out = read_some(out_, output_);
    if (wanted[1].revents != 0) err = read_some(err_, errors_);
  }
  const int watch = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  pollfd ended{watch, POLLIN, 0};
  const int ready = ::poll(&ended, 1, patience_ms);
  ::close(watch);
  REQUIRE(ready == 1);
  int status = 0;
  REQUIRE(::waitpid(pid_, &status, 0) == pid_);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

long CommandProcess::resident_kilobytes() const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("VmRSS:")) return std::atol(line.c_str() + 6);
  }
  return 0;
}

EventPipe::EventPipe() {
  char name[] = "/tmp/fairlead-events-XXXXXX";
  REQUIRE(::mkdtemp(name) != nullptr);
  folder_ = name;
  path_ = folder_ + "/events";
  REQUIRE(::mkfifo(path_.c_str(), 0600) == 0);
  pipe_ = ::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  REQUIRE(pipe_ >= 0);
}

EventPipe::~EventPipe() {
  ::close(pipe_);
  ::unlink(path_.c_str());
  ::rmdir(folder_.c_str());
}

std::string EventPipe::next() {
  for (;;) {
    if (const std::size_t end = pending_.find('\n'); end != std::string::npos) {
      std::string line = pending_.substr(0, end);
      pending_.erase(0, end + 1);
      return line;
    }
    if (!read_some(pipe_, pending_)) return {};
  }
}
