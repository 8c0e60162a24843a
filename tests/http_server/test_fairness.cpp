// One caller's calls, however many and however slow, leave room for those of others.

#include <mcp/server/turns.h>

#include <condition_variable>
#include <deque>
#include <mutex>

#include "fixture.h"
#include "manual_endpoint.h"

namespace {

std::string note(const std::string& word) {
  return modern("1", "tools/call", "note", R"("arguments":{"word":")" + word + R"("})");
}

/// Workers that take up what waits while a call is being handed to them.
class Racing final : public mcp::Runtime, public mcp::Executor {
 public:
  explicit Racing(mcp::ManualRuntime& manual) : manual_(manual) {}
  mcp::Loop& loop() override { return manual_.loop(); }
  mcp::Executor& executor() override { return *this; }
  mcp::Environment& environment() override { return manual_.environment(); }
  void run_aside(mcp::Task task) override { manual_.run_aside(std::move(task)); }
  bool try_submit(mcp::Task task) override {
    if (!std::exchange(two_turns_come_and_the_next_is_refused, false))
      return manual_.executor().try_submit(std::move(task));
    CHECK(manual_.run_task());
    CHECK(manual_.run_task());
    return false;
  }
  void submit_admitted(mcp::Task task) override {
    manual_.executor().submit_admitted(std::move(task));
  }
  Capacity capacity() const override { return manual_.executor().capacity(); }

  bool two_turns_come_and_the_next_is_refused = false;

 private:
  mcp::ManualRuntime& manual_;
};

}  // namespace

TEST_CASE("callers take turns, whatever the order in which their calls came") {
  ManualEndpoint served(100);
  std::string order;
  served.server.tool("note", "Writes down its word", [&](const Word& in) {
    order += in.word + " ";
    return mcp::text("");
  });
  for (const char* word : {"a1", "a2", "a3", "a4"}) served.ask_while_busy(note(word), "192.0.2.1");
  for (const char* word : {"b1", "b2"}) served.ask_while_busy(note(word), "192.0.2.2");
  served.ask_while_busy(note("c1"), "192.0.2.3");
  served.runtime.run();
  CHECK(order == "a1 b1 c1 a2 b2 a3 a4 ");
}

TEST_CASE(
    "a call that another one's turn took while its own was refused is answered, and so is that") {
  mcp::ManualRuntime manual({.queue_limit = 100});
  Racing racing(manual);
  mcp::Server server{{.name = "test", .version = "1"},
                     {.log = [](mcp::LogSeverity, std::string_view) {}}};
  std::string order;
  server.tool("note", "Writes down its word", [&](const Word& in) {
    order += in.word + " ";
    return mcp::text("");
  });
  mcp::server::HttpEndpoint endpoint(mcp::server::Engine::create(server, racing), {});
  const auto ask = [&](const char* word, const std::string& peer) {
    const auto exchange = std::make_shared<Written>();
    mcp::HttpRequest request = request_of(note(word));
    request.peer = peer;
    manual.loop().post([&endpoint, exchange, request = std::move(request)] {
      endpoint.head(request, exchange);
      endpoint.request(request, exchange);
    });
    manual.run_loop();
    return exchange;
  };
  const auto first = ask("a1", "192.0.2.1");
  const auto second = ask("a2", "192.0.2.1");
  racing.two_turns_come_and_the_next_is_refused = true;
  const auto other = ask("b1", "192.0.2.2");
  manual.run();
  CHECK(order == "a1 b1 a2 ");
  for (const auto& exchange : {first, second, other}) CHECK(exchange->response.status == 200);
}

TEST_CASE("one caller does not take the last quarter of the places to wait in") {
  ManualEndpoint served(8);
  served.server.tool("note", "Answers", [](const Word&) { return mcp::text(""); });
  std::vector<int> taken;
  for (int times = 0; times < 8; ++times)
    taken.push_back(served.ask_while_busy(note("a"), "192.0.2.1")->response.status);
  CHECK(taken == std::vector<int>{200, 200, 200, 200, 200, 200, 503, 503});
  const auto other = served.ask_while_busy(note("b"), "192.0.2.2");
  served.runtime.run();
  CHECK(other->response.status == 200);
  CHECK(other->response.body.find("\"result\"") != std::string::npos);
}

TEST_CASE("what a caller may hold shrinks with the number of callers, down to one worker") {
  using mcp::server::Turns;
  CHECK(Turns::share(64, 1) == 48);
  CHECK(Turns::share(64, 2) == 24);
  CHECK(Turns::share(64, 3) == 16);
  CHECK(Turns::share(64, 1000) == 1);
  CHECK(Turns::share(4, 1) == 3);
  CHECK(Turns::share(2, 1) == 2);
  CHECK(Turns::share(1, 1) == 1);
}

TEST_CASE("a caller whose slow calls would fill all workers holds up nobody else") {
  std::mutex mutex;
  std::condition_variable changed;
  int running = 0;
  bool open = false;
  mcp::Server server{{.name = "test", .version = "1"}};
  server.tool("slow", "Waits until it may end", [&](const Nothing&) {
    std::unique_lock lock(mutex);
    ++running;
    changed.notify_all();
    changed.wait(lock, [&] { return open; });
    return mcp::text("");
  });
  server.tool("quick", "Answers", [](const Nothing&) { return mcp::text("quick"); });
  const auto runtime = mcp::make_runtime({.max_worker_threads = 8});
  mcp::HttpService service(server, *runtime, {});
  std::deque<RawClient> flood;
  for (int times = 0; times < 20; ++times)
    flood.emplace_back(service.port(), std::uint8_t{2}).send(modern("1", "tools/call", "slow"));
  {
    std::unique_lock lock(mutex);
    REQUIRE(changed.wait_for(lock, std::chrono::seconds(60), [&] { return running == 6; }));
  }
  RawClient honest(service.port());
  for (int times = 0; times < 100; ++times)
    REQUIRE(honest.ask(modern("1", "tools/call", "quick")).status == 200);
  {
    const std::lock_guard lock(mutex);
    CHECK(running == 6);  // 8 less a quarter
    open = true;
    changed.notify_all();
  }
  for (RawClient& client : flood) CHECK(client.answer().status == 200);
  CHECK(running == 20);
}
