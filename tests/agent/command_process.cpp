#include "command_process.h"

#include <doctest/doctest.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

constexpr int patience_ms = 60'000;

/// Waits for bytes or the end, and appends them. False at the end.
bool read_some(int descriptor, std::string& to) {
  pollfd wanted{descriptor, POLLIN, 0};
  REQUIRE(::poll(&wanted, 1, patience_ms) > 0);
  char buffer[4096];
  const ssize_t got = ::read(descriptor, buffer, sizeof buffer);
  // A terminal whose last program has gone answers EIO.
  if (got <= 0) return false;
  to.append(buffer, static_cast<std::size_t>(got));
  return true;
}

[[noreturn]] void become(const std::vector<std::string>& command) {
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  // Nothing of the developer's own gateway; without a home there is no history file either.
  std::vector<char*> environment;
  for (const char* key : {"PATH", "ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"})
    if (char* value = std::getenv(key)) environment.push_back(value - std::strlen(key) - 1);
  environment.push_back(nullptr);
  ::execve(words.front(), words.data(), environment.data());
  ::_exit(127);
}

}  // namespace

CommandProcess::CommandProcess(const std::vector<std::string>& command, On on) {
  if (on == On::terminal) {
    struct winsize size {};
    size.ws_row = 40;
    size.ws_col = 200;
    pid_ = ::forkpty(&out_, nullptr, nullptr, &size);
    REQUIRE_MESSAGE(pid_ >= 0, "no pseudo-terminal; is devpts mounted on /dev/pts?");
    if (pid_ == 0) become(command);
    in_ = ::dup(out_);
    return;
  }
  int to_child[2];
  int from_child[2];
  REQUIRE(::pipe2(to_child, O_CLOEXEC) == 0);
  REQUIRE(::pipe2(from_child, O_CLOEXEC) == 0);
  pid_ = ::fork();
  REQUIRE(pid_ >= 0);
  if (pid_ == 0) {
    ::dup2(to_child[0], STDIN_FILENO);
    ::dup2(from_child[1], STDOUT_FILENO);
    ::dup2(from_child[1], STDERR_FILENO);
    become(command);
  }
  ::close(to_child[0]);
  ::close(from_child[1]);
  in_ = to_child[1];
  out_ = from_child[0];
}

CommandProcess::~CommandProcess() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  ::close(in_);
  ::close(out_);
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
  REQUIRE(::write(in_, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
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

int CommandProcess::wait() {
  while (read_some(out_, output_)) {
  }
  int status = 0;
  REQUIRE(::waitpid(pid_, &status, 0) == pid_);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
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
