// A server program from outside: its streams, its signals, its end.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include <mcp/base/json.h>

namespace {

/// The probe as a child, with its three streams on pipes.
class Probe {
 public:
  /// The child inherits the descriptor `gate`.
  explicit Probe(std::vector<std::string> arguments = {}, int gate = -1) {
    int in[2];
    int out[2];
    int err[2];
    REQUIRE(::pipe2(in, O_CLOEXEC) == 0);
    REQUIRE(::pipe2(out, O_CLOEXEC) == 0);
    REQUIRE(::pipe2(err, O_CLOEXEC) == 0);
    pid_ = ::fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      ::dup2(in[0], 0);
      ::dup2(out[1], 1);
      ::dup2(err[1], 2);
      if (gate >= 0) ::fcntl(gate, F_SETFD, 0);
      arguments.insert(arguments.begin(), SERVE_PROBE);
      std::vector<char*> argv;
      for (std::string& argument : arguments) argv.push_back(argument.data());
      argv.push_back(nullptr);
      ::execv(SERVE_PROBE, argv.data());
      ::_exit(127);
    }
    ::close(in[0]);
    ::close(out[1]);
    ::close(err[1]);
    in_ = in[1];
    out_ = out[0];
    err_ = err[0];
  }
  ~Probe() {
    end_input();
    ::close(out_);
    ::close(err_);
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
  }

  void say(const std::string& line) {
    const std::string bytes = line + '\n';
    REQUIRE(::write(in_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  }
  std::string hear() {
    std::string line;
    for (char c = 0; read_some(out_, &c, 1) == 1 && c != '\n';) line += c;
    return line;
  }
  bool speaks_within(std::chrono::milliseconds time) {
    pollfd out{out_, POLLIN, 0};
    return ::poll(&out, 1, static_cast<int>(time.count())) > 0;
  }
  void end_input() {
    if (in_ >= 0) ::close(in_);
    in_ = -1;
  }
  void signal(int number) { ::kill(pid_, number); }
  /// The exit code, once it has ended; what it wrote to stderr is in `errors`.
  int wait() {
    char buffer[4096];
    for (ssize_t got = 0; (got = read_some(err_, buffer, sizeof buffer)) > 0;)
      errors.append(buffer, static_cast<std::size_t>(got));
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  std::string errors;

 private:
  /// Fails the test after a minute of silence.
  static ssize_t read_some(int descriptor, char* to, std::size_t size) {
    pollfd wanted{descriptor, POLLIN, 0};
    REQUIRE(::poll(&wanted, 1, 60'000) > 0);
    return ::read(descriptor, to, size);
  }

  pid_t pid_ = -1;
  int in_ = -1;
  int out_ = -1;
  int err_ = -1;
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
  CHECK(probe.hear().find("notifications/subscriptions/acknowledged") != std::string::npos);
  probe.say(request(2, "tools/call",
                    R"("name":"work","arguments":{"gate":)" + std::to_string(gate[0]) + "},"));
  probe.end_input();
  // The subscription ends in order: told on the pipe, then answered.
  CHECK(
      probe.hear() ==
      R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":1},"reason":"the server closes","requestId":1}})");
  CHECK(
      probe.hear() ==
      R"({"jsonrpc":"2.0","id":1,"result":{"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"probe","version":"7"},"io.modelcontextprotocol/subscriptionId":1},"resultType":"complete"}})");
  ::close(gate[1]);
  CHECK(text_of(probe.hear()) == "worked");
  CHECK(probe.hear() == "");
  CHECK(probe.wait() == 0);
  CHECK(probe.errors.find("this goes to stderr") != std::string::npos);
}

TEST_CASE("end of input: a handler that heeds its stop token does not hold up the end") {
  Probe probe;
  probe.say(request(1, "tools/call", R"("name":"patient",)"));
  probe.say(request(2, "server/discover", ""));
  CHECK(probe.hear().find("\"id\":2") != std::string::npos);  // the first was taken before
  probe.end_input();
  CHECK(text_of(probe.hear()) == "stopped");
  CHECK(probe.wait() == 0);
  CHECK(probe.errors.find("did not stop") == std::string::npos);
}

TEST_CASE("a random state key is told once, when something is sealed with it") {
  const std::string line = "info requestState is sealed with a random key";
  Probe silent;
  silent.end_input();
  CHECK(silent.wait() == 0);
  CHECK(silent.errors.empty());

  Probe probe;
  for (int id = 1; id <= 2; ++id) {
    probe.say(request(id, "tools/call", R"("name":"ask",)", R"("roots":{})"));
    CHECK(mcp::Json::parse(probe.hear())["result"]["resultType"] == "input_required");
  }
  probe.end_input();
  CHECK(probe.wait() == 0);
  CHECK(probe.errors.find(line) != std::string::npos);
  CHECK(probe.errors.find(line) == probe.errors.rfind(line));
}

TEST_CASE("MCP_STATE_KEY holds the state keys, separated by blanks") {
  ::setenv("MCP_STATE_KEY", " 0123456789abcdef0123456789abcdef\ttoo-short ", 1);
  Probe weak;
  CHECK(weak.wait() == 1);
  CHECK(weak.errors.find("at least 32 characters") != std::string::npos);

  ::setenv("MCP_STATE_KEY", " 0123456789abcdef0123456789abcdef \n fedcba9876543210fedcba9876543210",
           1);
  Probe probe;
  ::unsetenv("MCP_STATE_KEY");
  probe.say(request(1, "tools/call", R"("name":"ask",)", R"("roots":{})"));
  CHECK(mcp::Json::parse(probe.hear())["result"]["resultType"] == "input_required");
  probe.end_input();
  CHECK(probe.wait() == 0);
  CHECK(probe.errors.empty());
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
  CHECK(probe.hear().find("\"id\":3") != std::string::npos);
  // The runtime adds a thread after 5 ms, where it may.
  CHECK_FALSE(probe.speaks_within(std::chrono::milliseconds(200)));
  ::close(gate[1]);
  CHECK(probe.hear().find("\"id\":1") != std::string::npos);
  CHECK(probe.hear().find("\"id\":2") != std::string::npos);
  probe.end_input();
  CHECK(probe.wait() == 0);
}

TEST_CASE("a message cut off by the end of input harms nobody") {
  Probe probe;
  probe.say(request(1, "tools/call", R"("name":"work",)") + "\n{\"jsonrpc\":\"2.0\",\"id\":2,");
  probe.end_input();
  std::string all;
  for (std::string line; !(line = probe.hear()).empty();) all += line;
  CHECK(all.find("worked") != std::string::npos);
  CHECK(probe.wait() == 0);
}

TEST_CASE("SIGTERM and SIGINT: handlers are told, their answers go out, the process ends") {
  for (const int number : {SIGTERM, SIGINT}) {
    Probe probe;
    probe.say(request(1, "tools/call", R"("name":"patient",)"));
    probe.say(request(2, "server/discover", ""));
    CHECK(probe.hear().find("\"id\":2") != std::string::npos);  // the first was taken before
    probe.signal(number);
    CHECK(text_of(probe.hear()) == "stopped");
    CHECK(probe.wait() == 0);
  }
}

TEST_CASE("a handler that does not stop is named, and left behind") {
  Probe probe({"quick"});
  probe.say(request(1, "tools/call", R"("name":"stubborn",)"));
  probe.end_input();
  CHECK(probe.wait() == 0);
  CHECK(probe.errors.find("tools/call 'stubborn' did not stop when it was asked to") !=
        std::string::npos);
}

TEST_CASE("the command line") {
  Probe help({"--help"});
  CHECK(help.wait() == 0);
  Probe version({"--version"});
  CHECK(version.hear() == "probe 7");
  CHECK(version.wait() == 0);
  Probe unknown({"--treads", "4"});
  CHECK(unknown.wait() == 2);
  CHECK(unknown.errors.find("--treads") != std::string::npos);
  Probe unreadable({"--state-key", "no_such_file"});
  CHECK(unreadable.wait() == 2);

  const std::string path = "serve_probe_key.txt";
  std::ofstream(path) << "short\n";
  Probe weak({"--state-key", path});
  CHECK(weak.wait() == 1);
  CHECK(weak.errors.find("at least 32 characters") != std::string::npos);
  std::ofstream(path) << "a passphrase of several words, on a line\r\n\n";
  Probe passphrase({"--state-key", path});
  passphrase.end_input();
  CHECK(passphrase.wait() == 0);
  std::ofstream(path) << "0123456789abcdef0123456789abcdef\nfedcba9876543210fedcba9876543210\n";
  Probe strong({"--state-key", path, "--threads", "2"});
  strong.say(request(1, "tools/call", R"("name":"work",)"));
  CHECK(text_of(strong.hear()) == "worked");
  strong.end_input();
  CHECK(strong.wait() == 0);
  CHECK(strong.errors.find("random key") == std::string::npos);
  ::unlink(path.c_str());
}
