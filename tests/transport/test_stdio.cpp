#include <array>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mcp/base/manual_runtime.h>
#include <mcp/transport/child_process.h>
#include <mcp/transport/stdio.h>

#include "recording_handler.h"

using Messages = std::vector<std::string>;

namespace {

const std::string echo = STDIO_ECHO;

/// The server under test, as a shell starts it.
struct Server {
  explicit Server(const std::string& script)
      : transport(mcp::make_child_process_transport(
            *runtime,
            {.command = "sh", .arguments = {"-c", script}, .inherit_environment = true})) {
    transport->start(heard);
  }
  std::unique_ptr<mcp::Runtime> runtime = mcp::make_runtime();
  RecordingHandler heard;
  std::unique_ptr<mcp::Transport> transport;

  Messages all() {
    CHECK(heard.wait_for_closed());
    return heard.messages();
  }
};

/// The server with both stdin and stdout on one descriptor, which it gets to itself.
pid_t start_on(int descriptor) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, descriptor, 0);
  posix_spawn_file_actions_adddup2(&actions, descriptor, 1);
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  std::string name = echo;
  std::array<char*, 2> arguments{name.data(), nullptr};
  pid_t pid = -1;
  REQUIRE(::posix_spawn(&pid, echo.c_str(), &actions, nullptr, arguments.data(), environ) == 0);
  posix_spawn_file_actions_destroy(&actions);
  ::close(descriptor);
  return pid;
}

std::string read_all(int descriptor) {
  std::string text;
  std::array<char, 4096> buffer;
  for (ssize_t count = 0; (count = ::read(descriptor, buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return text;
}

int status_of(pid_t pid) {
  int status = -1;
  ::waitpid(pid, &status, 0);
  return status;
}

}  // namespace

TEST_CASE("pipes: messages are answered, and what is answered after the end of the input too") {
  Server server("printf 'a\\r\\n\\nb\\nlast' | " + echo);
  CHECK(server.all() == Messages{"a", "b", "last", "after the end"});
  CHECK(server.heard.closed_reason() == "'sh' exited with status 0");
}

TEST_CASE("a handler that does not wait for the end of the input is closed at it") {
  Server server("printf 'a\\n' | " + echo + " --close-on-end");
  CHECK(server.all() == Messages{"a"});
}

TEST_CASE("closed before it is started: what was sent goes out, nothing comes in") {
  Server server("printf 'a\\n' | " + echo + " --close-first; echo $?");
  CHECK(server.all() == Messages{"sent before the start", "0"});
}

TEST_CASE("one socket serves as stdin and stdout") {
  std::array<int, 2> ends{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
  const pid_t pid = start_on(ends[1]);
  CHECK(::write(ends[0], "a\nb\n", 4) == 4);
  ::shutdown(ends[0], SHUT_WR);
  CHECK(read_all(ends[0]) == "a\nb\nafter the end\n");
  CHECK(status_of(pid) == 0);
  ::close(ends[0]);
}

TEST_CASE("a terminal serves too, and is not left in another mode") {
  const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  REQUIRE_MESSAGE(terminal >= 0, "no pseudo-terminal; is devpts mounted on /dev/pts?");
  REQUIRE(::grantpt(terminal) == 0);
  REQUIRE(::unlockpt(terminal) == 0);
  const int shared = ::open(::ptsname(terminal), O_RDWR | O_NOCTTY | O_CLOEXEC);
  REQUIRE(shared >= 0);
  const pid_t pid = start_on(::dup(shared));
  CHECK(::write(terminal, "a\n\x04", 3) == 3);  // Ctrl-D ends the input
  CHECK(status_of(pid) == 0);
  CHECK((::fcntl(shared, F_GETFL) & O_NONBLOCK) == 0);
  ::close(shared);
  // The terminal's own echo, then the answers.
  const std::string seen = read_all(terminal);
  CHECK(seen.ends_with("a\r\nafter the end\r\n"));
  ::close(terminal);
}

TEST_CASE("files and the empty file serve as well") {
  SUBCASE("a file as stdin and one as stdout") {
    Server server("d=$(mktemp -d); cd $d; printf 'x\\ny\\n' > in; " + echo +
                  " < in > out; echo $?; cat out; rm -r $d");
    CHECK(server.all() == Messages{"0", "x", "y", "after the end"});
  }
  SUBCASE("nothing to read, nowhere to write") {
    Server server(echo + " < /dev/null > /dev/null; echo $?");
    CHECK(server.all() == Messages{"0"});
  }
  SUBCASE("a full disk") {
    Server server("echo x | " + echo + " 2>&1 > /dev/full; echo $?");
    CHECK(server.all() ==
          Messages{"closed: cannot write to standard output: No space left on device", "3"});
  }
}

TEST_CASE("stdin and stdout that are not open are named") {
  Server server(echo + " 2>&1 <&-; " + echo + " 2>&1 >&- </dev/null; echo end");
  CHECK(server.all() == Messages{"standard input is not open: Bad file descriptor",
                                 "standard output is not open: Bad file descriptor", "end"});
}

TEST_CASE("what a tool prints goes to stderr, and it can steal no input") {
  Server server("printf 'q\\nq\\n' | " + echo + " --noise 2>/dev/null");
  CHECK(server.all() == Messages{"q", "q", "after the end"});
}

TEST_CASE("an endless line is refused, the next is answered") {
  Server server("(head -c 3000000 /dev/zero | tr '\\0' x; echo; echo ok) | " + echo +
                " --max-line 1000");
  CHECK(server.all() == Messages{"oversized 1000", "ok", "after the end"});
}

TEST_CASE("8 MiB there and back while more comes in") {
  Server server("exec " + echo);
  const std::string large(std::size_t{8} << 20U, 'x');
  for (int i = 0; i < 3; ++i) CHECK(server.transport->send(large));
  CHECK(server.transport->send("small"));
  REQUIRE(server.heard.wait_for_messages(4));
  CHECK(server.heard.messages() == Messages{large, large, large, "small"});
}

TEST_CASE("a reader that goes away ends the server in order, no signal kills it") {
  Server gone("{ { yes hello | " + echo +
              "; echo \"status $?\" >&2; } | head -1 >/dev/null; } 2>&1");
  CHECK(gone.all() == Messages{"closed: cannot write to standard output: Broken pipe", "status 3"});
}

TEST_CASE("a loop of one's own is refused with the reason") {
  mcp::ManualRuntime runtime;
  CHECK_THROWS_WITH_AS(
      mcp::make_child_process_transport(runtime, {.command = "cat"}),
      "this transport needs the loop of mcp::make_runtime; with a loop of your own, feed the "
      "messages yourself",
      std::invalid_argument);
}
