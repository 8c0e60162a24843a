// Runs a server of ours and stands between it and its client, which is ours too: what either side
// says is checked against the official schemas. Says what was wrong on stderr and ends with 70, so
// that whatever was tested fails.
//
//   checked_pipe [--foreign] COMMAND ARGUMENT...
//
// --foreign: the server is not ours, and may say what it likes.

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>

#include "conversation.h"

namespace {

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "checked_pipe: %s\n", why.c_str());
  std::_Exit(70);
}

void write_all(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(to, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return;  // who no longer reads is told nothing
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

/// One direction: whole lines are looked at before they go on.
struct Direction {
  int from, to;
  std::function<void(std::string_view)> look;
  std::string unread;

  /// False when no more will come.
  bool relay() {
    char buffer[65536];
    const ssize_t got = ::read(from, buffer, sizeof buffer);
    if (got < 0) return errno == EINTR;
    unread.append(buffer, static_cast<std::size_t>(got));
    for (std::size_t end; (end = unread.find('\n')) != std::string::npos;) {
      const std::string line = unread.substr(0, end + 1);
      unread.erase(0, end + 1);
      look(std::string_view(line).substr(0, end));
      write_all(to, line);
    }
    if (got != 0) return true;
    write_all(to, unread);
    return false;
  }
};

}  // namespace

int main(int argc, char** argv) {
  const bool foreign = argc > 1 && std::strcmp(argv[1], "--foreign") == 0;
  char** const command = argv + (foreign ? 2 : 1);
  if (*command == nullptr) fail("no command");
  ::signal(SIGPIPE, SIG_IGN);

  int in[2];
  int out[2];
  if (::pipe(in) != 0 || ::pipe(out) != 0) fail("no pipes");
  const pid_t server = ::fork();
  if (server < 0) fail("no process");
  if (server == 0) {
    ::dup2(in[0], 0);
    ::dup2(out[1], 1);
    for (const int one : {in[0], in[1], out[0], out[1]}) ::close(one);
    ::signal(SIGPIPE, SIG_DFL);
    ::execvp(*command, command);
    std::_Exit(127);
  }
  ::close(in[0]);
  ::close(out[1]);

  // Each side hears what the other says.
  Conversation client;
  Conversation ours;
  const auto check = [](Conversation& of, std::string_view line) {
    const std::string problem = of.problem(line);
    if (!problem.empty()) fail(problem);
  };
  Direction asked{0,
                  in[1],
                  [&](std::string_view line) {
                    ours.heard(line);
                    check(client, line);
                  },
                  {}};
  Direction told{out[0],
                 1,
                 [&](std::string_view line) {
                   client.heard(line);
                   if (!foreign) check(ours, line);
                 },
                 {}};

  bool asking = true;
  for (bool telling = true; telling;) {
    pollfd both[] = {{told.from, POLLIN, 0}, {asking ? asked.from : -1, POLLIN, 0}};
    if (::poll(both, 2, -1) < 0 && errno != EINTR) fail("no poll");
    if (both[1].revents != 0 && !asked.relay()) {
      asking = false;
      ::close(asked.to);
    }
    if (both[0].revents != 0) telling = told.relay();
  }
  int status = 0;
  ::waitpid(server, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
