#include <mcp/base/runtime.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <future>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

using namespace std::chrono_literals;

namespace {

/// Waits for a future as long as a slow machine may need; says whether it came.
template <typename T>
bool came(const std::future<T>& future) {
  return future.wait_for(30s) == std::future_status::ready;
}

/// What the runtime has to say.
struct Reports {
  std::mutex mutex;
  std::vector<std::string> lines;
  std::function<void(const std::string&)> listener() {
    return [this](const std::string& line) {
      std::lock_guard lock(mutex);
      lines.push_back(line);
    };
  }
  std::vector<std::string> all() {
    std::lock_guard lock(mutex);
    return lines;
  }
};

/// Runs what was posted to the loop before.
void settle(mcp::Runtime& runtime) {
  std::promise<void> done;
  runtime.loop().post([&] { done.set_value(); });
  REQUIRE(came(done.get_future()));
}

}  // namespace

TEST_CASE("tasks posted from several threads run on the loop, each thread's in its order") {
  auto runtime = mcp::make_runtime();
  std::array<std::vector<int>, 4> seen;
  std::atomic<bool> elsewhere = false;
  {
    std::vector<std::jthread> threads;
    for (std::vector<int>& mine : seen) {
      threads.emplace_back([&] {
        for (int i = 0; i < 1000; ++i) {
          runtime->loop().post([&mine, &elsewhere, &runtime, i] {
            if (!runtime->loop().is_current()) elsewhere = true;
            mine.push_back(i);
          });
        }
      });
    }
  }
  settle(*runtime);
  for (const std::vector<int>& mine : seen) {
    CHECK(mine.size() == 1000);
    CHECK(std::is_sorted(mine.begin(), mine.end()));
  }
  CHECK_FALSE(elsewhere);
  CHECK_FALSE(runtime->loop().is_current());
}

TEST_CASE(
    "timers fire in the order in which they are due, from any thread; cancelled ones do not") {
  auto runtime = mcp::make_runtime();
  std::promise<void> last;
  std::vector<int> order;
  const auto start = runtime->loop().now();
  runtime->loop().schedule(20ms, [&] {
    order.push_back(3);
    last.set_value();
  });
  const auto cancelled = runtime->loop().schedule(1ms, [&] { order.push_back(99); });
  runtime->loop().cancel(cancelled);
  runtime->loop().schedule(10ms, [&] { order.push_back(2); });
  runtime->loop().schedule(mcp::Duration::max(), [&] { order.push_back(100); });
  runtime->loop().post([&] {
    runtime->loop().schedule(0ms, [&] { order.push_back(1); });
    const auto never = runtime->loop().schedule(0ms, [&] { order.push_back(98); });
    runtime->loop().cancel(never);
  });
  REQUIRE(came(last.get_future()));
  CHECK(runtime->loop().now() - start >= 20ms);
  settle(*runtime);
  CHECK(order == std::vector{1, 2, 3});
}

TEST_CASE("tasks run on workers, whether they come from the loop or from elsewhere") {
  auto runtime = mcp::make_runtime();
  std::promise<bool> from_loop;
  std::promise<bool> from_here;
  runtime->loop().post([&] {
    CHECK(
        runtime->executor().try_submit([&] { from_loop.set_value(runtime->loop().is_current()); }));
  });
  CHECK(runtime->executor().try_submit([&] { from_here.set_value(runtime->loop().is_current()); }));
  auto first = from_loop.get_future();
  auto second = from_here.get_future();
  REQUIRE(came(first));
  REQUIRE(came(second));
  CHECK_FALSE(first.get());
  CHECK_FALSE(second.get());
}

TEST_CASE("a batch is shared: slow tasks at its head hold up none of the quick ones behind") {
  auto runtime = mcp::make_runtime({.worker_threads = 2, .max_worker_threads = 8});
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  std::promise<void> all_quick;
  std::atomic<int> quick = 0;
  runtime->loop().post([&] {
    // More slow tasks than worker_threads: the queue moves on all the same.
    for (int i = 0; i < 4; ++i) runtime->executor().try_submit([&, released] { released.wait(); });
    for (int i = 0; i < 1000; ++i) {
      runtime->executor().try_submit([&] {
        if (++quick == 1000) all_quick.set_value();
      });
    }
  });
  CHECK(came(all_quick.get_future()));
  release.set_value();
}

TEST_CASE("the queue is bounded; admitted work passes; everything accepted runs") {
  auto runtime =
      mcp::make_runtime({.worker_threads = 1, .max_worker_threads = 1, .queue_limit = 3});
  std::promise<void> started;
  std::promise<void> release;
  std::promise<void> last;
  std::atomic<int> ran = 0;
  const auto count = [&] {
    if (++ran == 4) last.set_value();
  };
  REQUIRE(runtime->executor().try_submit([&] {
    started.set_value();
    release.get_future().wait();
  }));
  REQUIRE(came(started.get_future()));
  SUBCASE("from outside") {
    for (int i = 0; i < 3; ++i) CHECK(runtime->executor().try_submit(count));
    CHECK_FALSE(runtime->executor().try_submit(count));
    runtime->executor().submit_admitted(count);
  }
  SUBCASE("from the loop, within one round") {
    runtime->loop().post([&] {
      for (int i = 0; i < 3; ++i) CHECK(runtime->executor().try_submit(count));
      CHECK_FALSE(runtime->executor().try_submit(count));
      runtime->executor().submit_admitted(count);
    });
    settle(*runtime);
  }
  release.set_value();
  CHECK(came(last.get_future()));
  settle(*runtime);
  CHECK(runtime->executor().try_submit([] {}));
}

TEST_CASE("what runs aside is held up by no handler, and keeps its order") {
  mcp::RuntimeOptions options;
  options.worker_threads = 1;
  options.max_worker_threads = 1;
  auto runtime = mcp::make_runtime(options);
  std::promise<void> busy;
  std::promise<void> let_go;
  runtime->executor().submit_admitted([&, released = let_go.get_future().share()] {
    busy.set_value();
    released.wait();
  });
  REQUIRE(came(busy.get_future()));
  std::vector<int> order;
  std::promise<std::vector<int>> done;
  for (int i = 1; i <= 3; ++i) runtime->run_aside([&order, i] { order.push_back(i); });
  runtime->run_aside([&] { done.set_value(order); });
  auto seen = done.get_future();
  CHECK(came(seen));
  CHECK(seen.get() == std::vector<int>{1, 2, 3});
  let_go.set_value();
}

TEST_CASE("an exception from a task is reported and ends nothing") {
  Reports reports;
  auto runtime = mcp::make_runtime({.report = reports.listener()});
  runtime->loop().post([] { throw std::runtime_error("from the loop"); });
  runtime->loop().post([] { throw 42; });
  settle(*runtime);
  std::promise<void> thrown;
  runtime->executor().try_submit([&] {
    runtime->loop().schedule(0ms, [&] { thrown.set_value(); });
    throw std::runtime_error("from a worker");
  });
  REQUIRE(came(thrown.get_future()));
  runtime.reset();
  auto lines = reports.all();
  std::sort(lines.begin(), lines.end());
  CHECK(lines ==
        std::vector<std::string>{"a task on a worker thread let an exception out: from a worker",
                                 "a task on the loop let an exception out",
                                 "a task on the loop let an exception out: from the loop"});
}

TEST_CASE("the end: a running handler is waited for, and what it posts still runs") {
  std::promise<void> started;
  std::atomic<bool> posted_ran = false;
  std::atomic<bool> queued_ran = false;
  auto runtime = mcp::make_runtime({.worker_threads = 1, .max_worker_threads = 1});
  mcp::Runtime& reference = *runtime;
  runtime->executor().try_submit([&] {
    started.set_value();
    // The stop has begun once work is refused.
    while (reference.executor().try_submit([&] { queued_ran = true; })) std::this_thread::yield();
    reference.loop().post([&] { posted_ran = true; });
  });
  REQUIRE(came(started.get_future()));
  runtime.reset();
  CHECK(posted_ran);
  // Tasks that were queued behind it may have been accepted, but none was begun after the stop.
  CHECK_FALSE(queued_ran);
}

TEST_CASE("the end: a handler that does not end is reported and left behind, safely") {
  Reports reports;
  std::promise<void> started;
  std::promise<void> release;
  std::promise<bool> refused;
  auto runtime = mcp::make_runtime({.stop_timeout = 10ms, .report = reports.listener()});
  mcp::Loop& loop = runtime->loop();
  mcp::Executor& executor = runtime->executor();
  runtime->executor().try_submit([&] {
    started.set_value();
    release.get_future().wait();
    loop.post([] {});
    loop.cancel(loop.schedule(1ms, [] {}));
    refused.set_value(!executor.try_submit([] {}));
  });
  REQUIRE(came(started.get_future()));
  runtime.reset();
  CHECK(reports.all() == std::vector<std::string>{
                             "1 handler(s) did not end in time; their threads are left behind"});
  release.set_value();
  auto answer = refused.get_future();
  REQUIRE(came(answer));
  CHECK(answer.get());
}

TEST_CASE("destroying a runtime on its own threads is reported and does not hang") {
  Reports reports;
  auto runtime = mcp::make_runtime({.report = reports.listener()});
  std::promise<void> destroyed;
  mcp::Runtime* const owned = runtime.release();
  const auto destroy = [&] {
    delete owned;
    destroyed.set_value();
  };
  std::string where;
  SUBCASE("a worker") {
    where = "worker thread";
    owned->executor().try_submit(destroy);
  }
  SUBCASE("the loop") {
    where = "loop";
    owned->loop().post(destroy);
  }
  CHECK(came(destroyed.get_future()));
  CHECK(reports.all() ==
        std::vector<std::string>{
            "the runtime was destroyed on its own " + where +
            ", which cannot wait for itself to end: destroy it on the thread that made it"});
}

TEST_CASE("what never ran is destroyed with the runtime, timers and queued tasks alike") {
  auto token = std::make_shared<int>(0);
  std::promise<void> started;
  auto runtime =
      mcp::make_runtime({.worker_threads = 1, .max_worker_threads = 1, .stop_timeout = 5s});
  mcp::Runtime& reference = *runtime;
  runtime->executor().try_submit([&] {
    started.set_value();
    while (reference.executor().try_submit([] {})) std::this_thread::yield();
  });
  REQUIRE(came(started.get_future()));
  runtime->executor().try_submit([token] {});
  runtime->loop().schedule(1h, [token] {});
  CHECK(token.use_count() == 3);
  runtime.reset();
  CHECK(token.use_count() == 1);
}

TEST_CASE("many runtimes come and go") {
  for (int i = 0; i < 50; ++i) {
    std::promise<void> answered;
    auto runtime = mcp::make_runtime();
    runtime->loop().post([&] {
      runtime->executor().try_submit([&] { runtime->loop().post([&] { answered.set_value(); }); });
    });
    REQUIRE(came(answered.get_future()));
  }
}

TEST_CASE("random bytes differ, the wall clock goes") {
  auto runtime = mcp::make_runtime();
  std::array<std::byte, 16> first{};
  std::array<std::byte, 16> second{};
  runtime->environment().random_bytes(first);
  runtime->environment().random_bytes(second);
  CHECK(first != second);
  CHECK(runtime->environment().wall_clock().time_since_epoch() > 1767225600s);
}
