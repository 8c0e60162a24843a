#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "scripted_server.h"

using namespace mcp;
using namespace mcp::test;
using namespace std::chrono_literals;

namespace {

/// Answers everything at once, on the loop of a real runtime.
class EchoServer : public Transport::Handler {
 public:
  explicit EchoServer(std::unique_ptr<Transport> transport) : transport_(std::move(transport)) {
    transport_->start(*this);
  }
  std::atomic<int> cancelled = 0;

  /// False when the client has not left within a minute.
  bool wait_until_gone() {
    std::unique_lock lock(mutex_);
    return left_.wait_for(lock, 1min, [&] { return gone_; });
  }

 private:
  void message(std::string_view bytes) override {
    Json message = Json::parse(bytes);
    if (message["method"] == "notifications/cancelled") ++cancelled;
    if (!message.contains("id") || message["method"] == "x/silent") return;
    std::string result = discover_answer;
    if (message["method"] != "server/discover") {
      result = Json{{"resultType", "complete"}, {"echo", message["params"].value("n", 0)}}.dump();
    }
    transport_->send(R"({"jsonrpc":"2.0","id":)" + message["id"].dump() + R"(,"result":)" + result +
                     "}");
  }
  void oversized(std::size_t) override {}
  void closed(const std::string&) override {
    std::lock_guard lock(mutex_);
    gone_ = true;
    left_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable left_;
  bool gone_ = false;
  std::unique_ptr<Transport> transport_;
};

}  // namespace

namespace {

/// A pipe whose other end never lets go.
class EndlessPipe : public Transport {
 public:
  explicit EndlessPipe(bool& gone) : gone_(gone) {}
  ~EndlessPipe() override { gone_ = true; }
  void start(Handler&) override {}
  bool send(std::string) override { return true; }
  void close() override {}

 private:
  bool& gone_;
};

}  // namespace

TEST_CASE("a client that is being closed goes with its runtime") {
  bool gone = false;
  SUBCASE("of one's own") {
    ManualRuntime runtime;
    Client::open(runtime, Target(std::make_unique<EndlessPipe>(gone)));
    runtime.run();
    CHECK_FALSE(gone);
  }
  SUBCASE("with threads") {
    const auto runtime = make_runtime();
    Client::open(*runtime, Target(std::make_unique<EndlessPipe>(gone)));
  }
  CHECK(gone);
}

TEST_CASE("many threads may call one client, and give up, and the end is in order") {
  auto runtime = make_runtime();
  auto [near, far] = make_memory_pair(runtime->loop(), runtime->loop());
  EchoServer server(std::move(far));
  {
    Client client = Client::connect(*runtime, std::move(near));
    CHECK(client.server().implementation.name == "scripted");
    std::atomic<int> right = 0, stopped = 0;
    std::vector<std::thread> callers;
    for (int caller = 0; caller < 8; ++caller) {
      callers.emplace_back([&, caller] {
        for (int i = 0; i < 50; ++i) {
          int n = caller * 1000 + i;
          if (client.request("x/echo", {{"n", n}})["echo"] == n) ++right;
        }
        std::stop_source stop;
        std::thread stopper([&] { stop.request_stop(); });
        try {
          client.request("x/silent", nullptr, {.stop = stop.get_token()});
        } catch (const CallError& error) {
          if (error.kind() == CallError::Kind::stopped) ++stopped;
        }
        stopper.join();
      });
    }
    for (std::thread& caller : callers) caller.join();
    CHECK(right == 400);
    CHECK(stopped == 8);
  }
  REQUIRE(server.wait_until_gone());
  CHECK(server.cancelled <= 8);
}

TEST_CASE("a blocked call is released when the client is closed") {
  auto runtime = make_runtime();
  auto [near, far] = make_memory_pair(runtime->loop(), runtime->loop());
  EchoServer server(std::move(far));
  Client client = Client::connect(*runtime, std::move(near));
  std::thread closer([&] { client.close(); });
  CallError::Kind kind = CallError::Kind::answered;
  try {
    client.request("x/silent");
  } catch (const CallError& error) {
    kind = error.kind();
  }
  closer.join();
  REQUIRE(server.wait_until_gone());
  CHECK(kind == CallError::Kind::closed);
}

TEST_CASE("a program is started, asked and started again; one that is missing is named") {
  auto runtime = make_runtime();
  // A server of one answer: it tells its revision, reads one more line, and dies.
  const std::string script =
      "read l; echo '{\"jsonrpc\":\"2.0\",\"id\":'$(echo \"$l\" | sed 's/.*\"id\":\\([0-9]*\\).*/"
      "\\1/')',\"result\":" +
      discover_answer + "}'; read l; echo 'out of order' >&2; exit 3";
  ClientOptions options;
  options.restart.initial_delay = 1ms;
  std::atomic<int> connected = 0;
  options.observer.on_connected = [&] { ++connected; };
  std::atomic<int> lines = 0;
  options.observer.on_stderr = [&](std::string_view line) { lines += line == "out of order"; };
  {
    Client client = Client::connect(*runtime, Target::command({"sh", "-c", script}), options);
    for (int i = 0; i < 2; ++i) {
      std::string why;
      try {
        client.call_tool("pay");
      } catch (const CallError& error) {
        CHECK(error.kind() == CallError::Kind::outcome_unknown);
        why = error.what();
      }
      CHECK(why.find("out of order") != std::string::npos);
    }
    CHECK(connected == 2);
    CHECK(lines == 2);
  }
  CHECK_THROWS_WITH_AS(Client::connect(*runtime, Target::command({"no-such-program-here"})),
                       "the server can't be started: cannot start 'no-such-program-here': No such "
                       "file or directory",
                       CallError);
}
