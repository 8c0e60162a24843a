#include <mcp/transport/child_process.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <future>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include "process_state_posix.h"
#include "recording_handler.h"

using namespace std::chrono_literals;
using Messages = std::vector<std::string>;

namespace {

mcp::ChildProcessOptions shell(const std::string& script) {
  return {.command = "sh", .arguments = {"-c", script}};
}

/// A child, who hears it, and the runtime of both.
struct Child {
  explicit Child(const mcp::ChildProcessOptions& options)
      : transport(mcp::make_child_process_transport(*runtime, options)) {
    transport->start(heard);
  }
  std::unique_ptr<mcp::Runtime> runtime = mcp::make_runtime();
  RecordingHandler heard;
  std::unique_ptr<mcp::Transport> transport;
};

bool is_alive(const std::string& pid) {
  return ::kill(std::stoi(pid), 0) == 0;
}

/// Processes that were orphaned are reaped by init, a moment later.
bool becomes_dead(const std::string& pid) {
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (is_alive(pid) && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  return !is_alive(pid);
}

}  // namespace

TEST_CASE("messages go there and back, a newline inside becomes a space") {
  Child child({.command = "cat"});
  CHECK(child.transport->send("one"));
  CHECK(child.transport->send("{\n\"two\":2}"));
  REQUIRE(child.heard.wait_for_messages(2));
  child.transport->close();
  REQUIRE(child.heard.wait_for_closed());
  CHECK(child.heard.messages() == Messages{"one", "{ \"two\":2}"});
  CHECK(child.heard.closed_reason() == "");
  CHECK(child.heard.closed_calls() == 1);
  CHECK_FALSE(child.transport->send("late"));
}

TEST_CASE("large messages flow both ways at once") {
  Child child({.command = "cat"});
  const std::string large(std::size_t{8} << 20U, 'x');
  for (int i = 0; i < 4; ++i) CHECK(child.transport->send(large + std::to_string(i)));
  REQUIRE(child.heard.wait_for_messages(4));
  const Messages messages = child.heard.messages();
  for (int i = 0; i < 4; ++i) {
    CHECK(messages[static_cast<std::size_t>(i)] == large + std::to_string(i));
  }
}

TEST_CASE("a child that does not read: the queue is bounded, its own messages still come") {
  auto options = shell("echo one; echo two; exec sleep 1000");
  options.max_queued_bytes = 1 << 20;
  options.end_of_input_timeout = 20ms;
  Child child(options);
  const std::string message(100'000, 'x');
  int accepted = 0;
  while (child.transport->send(message)) ++accepted;
  CHECK(accepted >= 10);
  CHECK(accepted <= 12);  // the pipe takes 64 KiB more
  REQUIRE(child.heard.wait_for_messages(2));
  child.transport->close();
  REQUIRE(child.heard.wait_for_closed());
  CHECK(child.heard.closed_reason() == "");
}

TEST_CASE("short messages that a child does not read are bounded by the memory they take") {
  auto options = shell("exec sleep 1000");
  options.max_queued_bytes = 1 << 20;
  options.end_of_input_timeout = 20ms;
  Child child(options);
  int accepted = 0;
  while (child.transport->send("12345678")) ++accepted;
  CHECK(accepted >= 10'000);
  CHECK(accepted <= 41'000);  // 32 bytes each at least, and what the pipe takes
  child.transport->close();
  REQUIRE(child.heard.wait_for_closed());
}

TEST_CASE("an endless line is skipped, the next one is heard") {
  auto options = shell("head -c 5000000 /dev/zero | tr '\\0' x; echo; echo good");
  options.max_line_bytes = 1000;
  Child child(options);
  REQUIRE(child.heard.wait_for_closed());
  CHECK(child.heard.oversized_limits() == std::vector<std::size_t>{1000});
  CHECK(child.heard.messages() == Messages{"good"});
}

TEST_CASE("a command that does not exist is named") {
  const auto runtime = mcp::make_runtime();
  const ProcessState before;
  const auto start = [&](const mcp::ChildProcessOptions& options) {
    mcp::make_child_process_transport(*runtime, options);
  };
  CHECK_THROWS_WITH_AS(start({.command = "no-such-server"}),
                       "cannot start 'no-such-server': No such file or directory",
                       std::system_error);
  CHECK_THROWS_WITH_AS(start({.command = "/etc/passwd"}),
                       "cannot start '/etc/passwd': Permission denied", std::system_error);
  CHECK_THROWS_WITH_AS(
      start({.command = "cat", .working_directory = "/no/such/folder"}),
      "cannot start 'cat' in the directory '/no/such/folder': No such file or directory",
      std::system_error);
  CHECK_THROWS_AS(start({.command = "cat", .environment = {{"A=B", "C"}}}), std::system_error);
  CHECK(ProcessState() == before);
}

TEST_CASE("a child that ends by itself: status or signal, and its last words") {
  SUBCASE("status") {
    Child child(shell("echo '{\"half'; printf 'no newline'; echo 'bad flag' >&2; exit 3"));
    REQUIRE(child.heard.wait_for_closed());
    CHECK(child.heard.messages() == Messages{"{\"half", "no newline"});
    CHECK(child.heard.closed_reason() ==
          "'sh' exited with status 3; the end of its stderr:\nbad flag");
  }
  SUBCASE("signal") {
    Child child(shell("kill -SEGV $$"));
    REQUIRE(child.heard.wait_for_closed());
    CHECK(child.heard.closed_reason() == "'sh' was killed by signal 11 (Segmentation fault)");
  }
  CHECK_FALSE(ProcessState().has_children);
}

TEST_CASE("a child that floods stderr is not held up; its lines are told, the last are kept") {
  std::vector<std::string> lines;
  auto options = shell(
      "i=0; while [ $i -lt 20000 ]; do echo \"noise $i\" >&2; i=$((i+1)); done; echo done; exit 1");
  options.on_stderr_line = [&](std::string_view line) { lines.emplace_back(line); };
  Child child(options);
  REQUIRE(child.heard.wait_for_closed());
  CHECK(child.heard.messages() == Messages{"done"});
  CHECK(lines.size() == 20000);
  CHECK(lines.back() == "noise 19999");
  const std::string reason = child.heard.closed_reason().value();
  CHECK(reason.find("noise 19950\n") != std::string::npos);
  CHECK(reason.find("noise 19949\n") == std::string::npos);
  CHECK(reason.ends_with("noise 19999"));
}

TEST_CASE("a child that ignores the end of its input and SIGTERM is killed with its group") {
  auto options = shell("trap '' TERM; sleep 1000 & echo $!; echo $$; while :; do sleep 1000; done");
  options.end_of_input_timeout = 20ms;
  options.terminate_timeout = 20ms;
  Child child(options);
  REQUIRE(child.heard.wait_for_messages(2));
  child.transport->close();
  REQUIRE(child.heard.wait_for_closed());
  for (const std::string& pid : child.heard.messages()) CHECK(becomes_dead(pid));
}

TEST_CASE("a child that SIGTERM ends gets no worse") {
  auto options =
      shell("trap 'echo saved >&2; exit 0' TERM; echo ready; while :; do sleep 0.01; done");
  options.end_of_input_timeout = 20ms;
  options.terminate_timeout = 30s;
  std::string last;
  options.on_stderr_line = [&](std::string_view line) { last = line; };
  Child child(options);
  REQUIRE(child.heard.wait_for_messages(1));
  child.transport->close();
  REQUIRE(child.heard.wait_for_closed());
  CHECK(last == "saved");
}

TEST_CASE("a grandchild that holds the pipe does not hold up the end") {
  SUBCASE("it goes with SIGTERM") {
    auto options = shell("sleep 1000 & echo $!; exit 3");
    options.terminate_timeout = 30s;
    Child child(options);
    REQUIRE(child.heard.wait_for_closed());
    CHECK(child.heard.closed_reason() == "'sh' exited with status 3");
    CHECK(becomes_dead(child.heard.messages().at(0)));
  }
  SUBCASE("it ignores SIGTERM") {
    auto options = shell("(trap '' TERM; exec sleep 1000) & echo $!; exit 3");
    options.terminate_timeout = 20ms;
    Child child(options);
    REQUIRE(child.heard.wait_for_closed());
    CHECK(becomes_dead(child.heard.messages().at(0)));
  }
}

TEST_CASE("destroying the transport kills the child and everything it started") {
  Child child(shell("trap '' TERM; sleep 1000 & echo $!; echo $$; while :; do sleep 1000; done"));
  REQUIRE(child.heard.wait_for_messages(2));
  child.transport.reset();
  for (const std::string& pid : child.heard.messages()) CHECK(becomes_dead(pid));
  child.runtime.reset();
  CHECK(child.heard.closed_calls() == 0);
  CHECK_FALSE(ProcessState().has_children);
}

TEST_CASE("a runtime that goes first takes its children with it") {
  Child child({.command = "cat"});
  child.transport->send("x");
  REQUIRE(child.heard.wait_for_messages(1));
  child.transport.reset();
  child.runtime.reset();
  CHECK_FALSE(ProcessState().has_children);
}

TEST_CASE("the environment: what it needs to run and what it is given, not our secrets") {
  ::setenv("FAIRLEAD_TEST_SECRET", "key", 1);
  auto options = shell("echo \"$FAIRLEAD_TEST_SECRET-$GIVEN-${PATH:+path}\"; cd .; pwd");
  options.environment = {{"GIVEN", "two words"}};
  options.working_directory = "/usr";
  SUBCASE("by default") {
    Child child(options);
    REQUIRE(child.heard.wait_for_closed());
    CHECK(child.heard.messages() == Messages{"-two words-path", "/usr"});
  }
  SUBCASE("all of it, if wanted") {
    options.inherit_environment = true;
    Child child(options);
    REQUIRE(child.heard.wait_for_closed());
    CHECK(child.heard.messages() == Messages{"key-two words-path", "/usr"});
  }
  ::unsetenv("FAIRLEAD_TEST_SECRET");
}

TEST_CASE("no descriptor and no blocked signal reaches the child") {
  const int leaky = ::open("/dev/null", O_RDONLY);  // not close-on-exec
  REQUIRE(leaky >= 0);
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  sigset_t before;
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  // 3 is the folder that ls itself has open.
  Child child(shell("ls /proc/self/fd | tr '\\n' ' '; echo; grep SigBlk /proc/self/status"));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  REQUIRE(child.heard.wait_for_closed());
  CHECK(child.heard.messages() == Messages{"0 1 2 3 ", "SigBlk:\t0000000000000000"});
  ::close(leaky);
}

TEST_CASE("other children of the program are left to it") {
  const pid_t other = ::fork();
  if (other == 0) ::_exit(7);
  Child child({.command = "true"});
  REQUIRE(child.heard.wait_for_closed());
  int status = 0;
  CHECK(::waitpid(other, &status, 0) == other);
  CHECK(WEXITSTATUS(status) == 7);
}

TEST_CASE("200 children come and go without a descriptor, thread or zombie left") {
  const auto runtime = mcp::make_runtime();
  const auto cycle = [&] {
    RecordingHandler heard;
    const auto transport = mcp::make_child_process_transport(*runtime, {.command = "cat"});
    transport->start(heard);
    transport->send("ping");
    REQUIRE(heard.wait_for_messages(1));
    transport->close();
    REQUIRE(heard.wait_for_closed());
  };
  cycle();
  const ProcessState before;
  CHECK_FALSE(before.has_children);
  for (int i = 0; i < 200; ++i) cycle();
  CHECK(ProcessState() == before);
}
