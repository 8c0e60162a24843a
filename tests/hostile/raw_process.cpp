#include "raw_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace {
constexpr int patience_ms = 30'000;

void close_once(int& descriptor) {
  if (descriptor >= 0) ::close(descriptor);
  descriptor = -1;
}
}  // namespace

RawProcess::RawProcess(std::vector<std::string> command) {
  int to_child[2];
  int from_child[2];
  if (pipe2(to_child, O_CLOEXEC) != 0 || pipe2(from_child, O_CLOEXEC) != 0) {
    throw std::runtime_error("pipe failed");
  }
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_ = fork();
  if (pid_ == 0) {
    dup2(to_child[0], 0);
    dup2(from_child[1], 1);
    const int null = open("/dev/null", O_WRONLY);
    dup2(null, 2);
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  ::close(to_child[0]);
  ::close(from_child[1]);
  input_ = to_child[1];
  output_ = from_child[0];
  signal(SIGPIPE, SIG_IGN);
}

RawProcess::~RawProcess() {
  close_input();
  close_output();
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
}

bool RawProcess::write(const std::string& bytes) const {
  for (std::size_t written = 0; written < bytes.size();) {
    const ssize_t count = ::write(input_, bytes.data() + written, bytes.size() - written);
    if (count <= 0) return false;
    written += static_cast<std::size_t>(count);
  }
  return true;
}

mcp::Json RawProcess::read() {
  for (;;) {
    const std::size_t end = buffer_.find('\n', searched_);
    if (end != std::string::npos) {
      const std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      searched_ = 0;
      return mcp::Json::parse(line);
    }
    searched_ = buffer_.size();
    pollfd ready{output_, POLLIN, 0};
    if (poll(&ready, 1, patience_ms) != 1) throw std::runtime_error("no answer in 30 seconds");
    char chunk[65536];
    const ssize_t count = ::read(output_, chunk, sizeof chunk);
    if (count <= 0) throw std::runtime_error("the process closed its output");
    buffer_.append(chunk, static_cast<std::size_t>(count));
  }
}

void RawProcess::close_input() {
  close_once(input_);
}
void RawProcess::close_output() {
  close_once(output_);
}

int RawProcess::wait() {
  const int watch = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  pollfd ended{watch, POLLIN, 0};
  const int ready = poll(&ended, 1, patience_ms);
  ::close(watch);
  if (ready != 1) throw std::runtime_error("the process did not end in 30 seconds");
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

long RawProcess::resident_kilobytes() const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("VmRSS:", 0) == 0) return std::atol(line.c_str() + 6);
  }
  return 0;
}
