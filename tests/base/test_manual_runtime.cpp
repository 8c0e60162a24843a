#include <array>
#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <mcp/base/manual_runtime.h>

using namespace std::chrono_literals;

TEST_CASE("nothing runs until the caller says so, then in order, the loop before the workers") {
  mcp::ManualRuntime runtime;
  std::vector<std::string> seen;
  CHECK(runtime.executor().try_submit([&] { seen.push_back("task"); }));
  runtime.loop().post([&] {
    seen.push_back("first");
    runtime.loop().post([&] { seen.push_back("third"); });
  });
  runtime.loop().post([&] { seen.push_back("second"); });
  CHECK(seen.empty());
  CHECK(runtime.run() == 4);
  CHECK(seen == std::vector<std::string>{"first", "second", "third", "task"});
  CHECK(runtime.run() == 0);
}

TEST_CASE("is_current is true on the loop only") {
  mcp::ManualRuntime runtime;
  bool on_loop = false;
  bool on_worker = true;
  runtime.loop().post([&] { on_loop = runtime.loop().is_current(); });
  runtime.executor().submit_admitted([&] { on_worker = runtime.loop().is_current(); });
  CHECK_FALSE(runtime.loop().is_current());
  runtime.run();
  CHECK(on_loop);
  CHECK_FALSE(on_worker);
}

TEST_CASE("timers fire in virtual time, each at its own moment") {
  mcp::ManualRuntime runtime;
  const auto start = runtime.loop().now();
  std::vector<std::chrono::milliseconds> fired;
  const auto note = [&] {
    fired.push_back(
        std::chrono::duration_cast<std::chrono::milliseconds>(runtime.loop().now() - start));
  };
  runtime.loop().schedule(30ms, note);
  runtime.loop().schedule(10ms, [&] {
    note();
    runtime.loop().schedule(5ms, note);
  });
  const auto cancelled = runtime.loop().schedule(20ms, note);
  runtime.loop().cancel(cancelled);
  runtime.loop().cancel(mcp::Loop::TimerId::none);

  runtime.run();
  CHECK(fired.empty());
  runtime.advance(29ms);
  CHECK(fired == std::vector{10ms, 15ms});
  runtime.advance(1ms);
  CHECK(fired == std::vector{10ms, 15ms, 30ms});
  CHECK(runtime.loop().now() - start == 30ms);
}

TEST_CASE("a timer cancelled by another that is due at the same time does not run") {
  mcp::ManualRuntime runtime;
  bool ran = false;
  mcp::Loop::TimerId second{};
  runtime.loop().schedule(1ms, [&] { runtime.loop().cancel(second); });
  second = runtime.loop().schedule(1ms, [&] { ran = true; });
  runtime.advance(1ms);
  CHECK_FALSE(ran);
}

TEST_CASE("tasks can be held back and run one by one; the queue is bounded") {
  mcp::ManualRuntime runtime({.queue_limit = 2});
  int ran = 0;
  CHECK(runtime.executor().try_submit([&] { ++ran; }));
  CHECK(runtime.executor().try_submit([&] { ++ran; }));
  CHECK_FALSE(runtime.executor().try_submit([&] { ++ran; }));
  runtime.executor().submit_admitted([&] { ++ran; });
  CHECK(runtime.run_loop() == 0);
  CHECK(runtime.waiting_tasks() == 3);
  CHECK(runtime.run_task());
  CHECK(ran == 1);
  runtime.run();
  CHECK(ran == 3);
  CHECK_FALSE(runtime.run_task());
}

TEST_CASE("what runs aside stands behind the loop and before the workers") {
  mcp::ManualRuntime runtime;
  std::vector<std::string> order;
  runtime.executor().submit_admitted([&] { order.emplace_back("worker"); });
  runtime.run_aside([&] { order.emplace_back("aside"); });
  runtime.loop().post([&] { order.emplace_back("loop"); });
  CHECK(runtime.run_loop_alone() == 1);
  CHECK(order == std::vector<std::string>{"loop"});
  CHECK(runtime.run_loop() == 1);
  CHECK(order == std::vector<std::string>{"loop", "aside"});
  CHECK(runtime.run() == 1);
  CHECK(order == std::vector<std::string>{"loop", "aside", "worker"});
}

TEST_CASE("the clock is fixed and the bytes are seeded") {
  mcp::ManualRuntime runtime;
  mcp::ManualRuntime same;
  mcp::ManualRuntime other({.seed = 2});
  const auto bytes = [](mcp::ManualRuntime& source) {
    std::array<std::byte, 16> out{};
    source.environment().random_bytes(out);
    return out;
  };
  const auto first = bytes(runtime);
  CHECK(first == bytes(same));
  CHECK(first != bytes(other));
  CHECK(first != bytes(runtime));
  CHECK(runtime.environment().wall_clock().time_since_epoch() == 1767225600s);
  runtime.advance(2s);
  CHECK(runtime.environment().wall_clock().time_since_epoch() == 1767225602s);
}

TEST_CASE("a program that never rests is reported instead of hanging the test") {
  mcp::ManualRuntime runtime;
  std::function<void()> again = [&] { runtime.loop().post(again); };
  runtime.loop().post(again);
  CHECK_THROWS_WITH_AS(runtime.run(), "the runtime never becomes idle", std::runtime_error);
}
