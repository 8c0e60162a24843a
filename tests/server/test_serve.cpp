// A server program from outside: its streams, its signals, its end.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <mcp/base/json.h>

#include "../process/command_process.h"
#include "../wire/checked_transport.h"

namespace {

/// The probe as a child, with its three streams on pipes. What it says is checked against the
/// official schema of its revision.
struct Probe : CommandProcess {
  /// The child inherits the descriptor `gate`.
  explicit Probe(std::vector<std::string> arguments = {}, int gate = -1)
      : CommandProcess(command(std::move(arguments)), On::pipes,
                       {Errors::apart, Environment::inherited, gate}) {}

  void say(const std::string& line) {
    type(line + '\n');
    lines_.heard(line);
  }
  std::string read_line() {
    std::string line = CommandProcess::read_line();
    if (line.starts_with('{')) lines_.said(line);
    return line;
  }

 private:
  static std::vector<std::string> command(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), SERVE_PROBE);
    return arguments;
  }

  CheckedLines lines_;
};

std::string request(int id, const std::string& method, const std::string& members,
                    const std::string& capabilities = "") {
  return R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"method":")" + method +
         R"(","params":{)" + members +
         R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{)" +
         capabilities + "}}}}";
}
std::string text_of(const std::string& line) {
  return mcp::Json::parse(line)["result"]["content"][0]["text"];
}

}  // namespace

TEST_CASE("end of input: what is in flight is answered, then the process ends") {
  int gate[2];
  REQUIRE(::pipe2(gate, O_CLOEXEC) == 0);
  Probe probe({}, gate[0]);
  ::close(gate[0]);
  probe.say(request(1, "subscriptions/listen", R"("notifications":{"toolsListChanged":true},)"));
  CHECK(probe.read_line().find("notifications/subscriptions/acknowledged") != std::string::npos);
  probe.say(request(2, "tools/call",
                    R"("name":"work","arguments":{"gate":)" + std::to_string(gate[0]) + "},"));
  probe.close_input();
  // The subscription ends in order: told on the pipe, then answered.
  CHECK(
      probe.read_line() ==
      R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":1},"reason":"the server closes","requestId":1}})");
  CHECK(
      probe.read_line() ==
      R"({"jsonrpc":"2.0","id":1,"result":{"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"probe","version":"7"},"io.modelcontextprotocol/subscriptionId":1},"resultType":"complete"}})");
  ::close(gate[1]);
  CHECK(text_of(probe.read_line()) == "worked");
  CHECK(probe.read_line() == "");
  CHECK(probe.wait() == 0);
  CHECK(probe.errors().find("this goes to stderr") != std::string::npos);
}

TEST_CASE("end of input: a handler that heeds its stop token does not hold up the end") {
  Probe probe;
  probe.say(request(1, "tools/call", R"("name":"patient",)"));
  probe.say(request(2, "server/discover", ""));
  CHECK(probe.read_line().find("\"id\":2") != std::string::npos);  // the first was taken before
  probe.close_input();
  CHECK(text_of(probe.read_line()) == "stopped");
  CHECK(probe.wait() == 0);
  CHECK(probe.errors().find("did not stop") == std::string::npos);
}

TEST_CASE("a random state key is told once, when something is sealed with it") {
  const std::string line = "info requestState is sealed with a random key";
  Probe silent;
  silent.close_input();
  CHECK(silent.wait() == 0);
  CHECK(silent.errors().empty());

  Probe probe;
  for (int id = 1; id <= 2; ++id) {
    probe.say(request(id, "tools/call", R"("name":"ask",)", R"("roots":{})"));
    CHECK(mcp::Json::parse(probe.read_line())["result"]["resultType"] == "input_required");
  }
  probe.close_input();
  CHECK(probe.wait() == 0);
  CHECK(probe.errors().find(line) != std::string::npos);
  CHECK(probe.errors().find(line) == probe.errors().rfind(line));
}

TEST_CASE("MCP_STATE_KEY holds the state keys, separated by blanks") {
  ::setenv("MCP_STATE_KEY", " 0123456789abcdef0123456789abcdef\ttoo-short ", 1);
  Probe weak;
  CHECK(weak.wait() == 1);
  CHECK(weak.errors().find("at least 32 characters") != std::string::npos);

  ::setenv("MCP_STATE_KEY", " 0123456789abcdef0123456789abcdef \n fedcba9876543210fedcba9876543210",
           1);
  Probe probe;
  ::unsetenv("MCP_STATE_KEY");
  probe.say(request(1, "tools/call", R"("name":"ask",)", R"("roots":{})"));
  CHECK(mcp::Json::parse(probe.read_line())["result"]["resultType"] == "input_required");
  probe.close_input();
  CHECK(probe.wait() == 0);
  CHECK(probe.errors().empty());
}

TEST_CASE("--threads bounds the calls that are worked on at a time") {
  int gate[2];
  REQUIRE(::pipe2(gate, O_CLOEXEC) == 0);
  Probe probe({"--threads", "1"}, gate[0]);
  ::close(gate[0]);
  probe.say(request(1, "tools/call",
                    R"("name":"work","arguments":{"gate":)" + std::to_string(gate[0]) + "},"));
  probe.say(request(2, "tools/call", R"("name":"work",)"));
  probe.say(request(3, "server/discover", ""));
  CHECK(probe.read_line().find("\"id\":3") != std::string::npos);
  // The runtime adds a thread after 5 ms, where it may.
  CHECK_FALSE(probe.speaks_within(std::chrono::milliseconds(200)));
  ::close(gate[1]);
  CHECK(probe.read_line().find("\"id\":1") != std::string::npos);
  CHECK(probe.read_line().find("\"id\":2") != std::string::npos);
  probe.close_input();
  CHECK(probe.wait() == 0);
}

TEST_CASE("a message cut off by the end of input harms nobody") {
  Probe probe;
  probe.say(request(1, "tools/call", R"("name":"work",)") + "\n{\"jsonrpc\":\"2.0\",\"id\":2,");
  probe.close_input();
  std::string all;
  for (std::string line; !(line = probe.read_line()).empty();) all += line;
  CHECK(all.find("worked") != std::string::npos);
  CHECK(probe.wait() == 0);
}

TEST_CASE("SIGTERM and SIGINT: handlers are told, their answers go out, the process ends") {
  for (const int number : {SIGTERM, SIGINT}) {
    Probe probe;
    probe.say(request(1, "tools/call", R"("name":"patient",)"));
    probe.say(request(2, "server/discover", ""));
    CHECK(probe.read_line().find("\"id\":2") != std::string::npos);  // the first was taken before
    probe.signal(number);
    CHECK(text_of(probe.read_line()) == "stopped");
    CHECK(probe.wait() == 0);
  }
}

TEST_CASE("a handler that does not stop is named, and left behind") {
  Probe probe({"quick"});
  probe.say(request(1, "tools/call", R"("name":"stubborn",)"));
  probe.close_input();
  CHECK(probe.wait() == 0);
  CHECK(probe.errors().find("tools/call 'stubborn' did not stop when it was asked to") !=
        std::string::npos);
}

TEST_CASE("the command line") {
  Probe help({"--help"});
  CHECK(help.wait() == 0);
  Probe version({"--version"});
  CHECK(version.read_line() == "probe 7");
  CHECK(version.wait() == 0);
  Probe unknown({"--treads", "4"});
  CHECK(unknown.wait() == 2);
  CHECK(unknown.errors().find("--treads") != std::string::npos);
  Probe unreadable({"--state-key", "no_such_file"});
  CHECK(unreadable.wait() == 2);

  const std::string path = "serve_probe_key.txt";
  std::ofstream(path) << "short\n";
  Probe weak({"--state-key", path});
  CHECK(weak.wait() == 1);
  CHECK(weak.errors().find("at least 32 characters") != std::string::npos);
  std::ofstream(path) << "a passphrase of several words, on a line\r\n\n";
  Probe passphrase({"--state-key", path});
  passphrase.close_input();
  CHECK(passphrase.wait() == 0);
  std::ofstream(path) << "0123456789abcdef0123456789abcdef\nfedcba9876543210fedcba9876543210\n";
  Probe strong({"--state-key", path, "--threads", "2"});
  strong.say(request(1, "tools/call", R"("name":"work",)"));
  CHECK(text_of(strong.read_line()) == "worked");
  strong.close_input();
  CHECK(strong.wait() == 0);
  CHECK(strong.errors().find("random key") == std::string::npos);
  ::unlink(path.c_str());
}
