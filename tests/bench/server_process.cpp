#include "server_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

double cpu_seconds(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string skipped;
  for (int field = 0; field < 11; ++field) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double memory_mb(pid_t process, std::initializer_list<const char*> lines) {
  std::ifstream file("/proc/" + std::to_string(process) + "/smaps_rollup");
  double kilobytes = 0;
  for (std::string text; std::getline(file, text);) {
    for (const char* line : lines) {
      if (text.starts_with(line)) kilobytes += std::atof(text.c_str() + std::string(line).size());
    }
  }
  return kilobytes / 1024;
}

int threads(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/status");
  const std::string wanted = "Threads:";
  for (std::string text; std::getline(file, text);) {
    if (text.starts_with(wanted)) return std::atoi(text.c_str() + wanted.size());
  }
  return 0;
}

HttpServerProcess::HttpServerProcess(const std::vector<std::string>& command) {
  int output[2];
  if (::pipe2(output, O_CLOEXEC) != 0) throw std::runtime_error("pipe failed");
  id_ = ::fork();
  if (id_ == 0) {
    ::dup2(output[1], 1);
    ::dup2(output[1], 2);
    std::vector<char*> arguments;
    for (const std::string& argument : command)
      arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
  }
  ::close(output[1]);
  output_ = output[0];
  const std::string scheme = "http://127.0.0.1:";
  std::string said;
  for (char chunk[4096];;) {
    const ssize_t count = ::read(output_, chunk, sizeof chunk);
    if (count <= 0) throw std::runtime_error(command[0] + " does not listen: " + said);
    said.append(chunk, static_cast<std::size_t>(count));
    const auto at = said.find(scheme);
    if (at == std::string::npos || said.find('\n', at) == std::string::npos) continue;
    char* end = nullptr;
    port_ = static_cast<int>(std::strtol(said.c_str() + at + scheme.size(), &end, 10));
    if (*end == '/')
      path_.assign(end,
                   said.find_first_of(" \r\n", at) - static_cast<std::size_t>(end - said.c_str()));
    return;
  }
}

HttpServerProcess::~HttpServerProcess() {
  ::kill(id_, SIGKILL);
  ::waitpid(id_, nullptr, 0);
  ::close(output_);
}
