// What a hand-off to a worker costs: a stub server whose loop finds `burst` calls ready in a round
// (as from that many connections), hands each to a worker that does `work` of computing, and gets a
// completion back for each. The batched executor against one post a call to an asio::thread_pool.
//
//   executor_bench [calls]

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <future>
#include <memory>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <mcp/base/runtime.h>
#include <mcp/base/runtime_asio.h>

namespace {

using Task = std::function<void()>;

struct Cost {
  double wall_us;
  double cpu_us;
};

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

void compute(std::chrono::nanoseconds work) {
  if (work.count() == 0) return;
  const auto end = std::chrono::steady_clock::now() + work;
  while (std::chrono::steady_clock::now() < end) {
  }
}

/// Keeps `burst` calls in flight until `calls` have completed.
struct Stub {
  std::function<void(Task)> on_loop;    // for the completions, from a worker
  std::function<void(Task)> on_worker;  // the hand-off, from the loop
  int calls;
  std::chrono::nanoseconds work;
  std::promise<void> done;
  int begun = 0;      // of the loop
  int completed = 0;  // of the loop

  void begin_one() {
    ++begun;
    on_worker([this] {
      compute(work);
      on_loop([this] {
        if (++completed == calls) done.set_value();
        if (begun < calls) begin_one();
      });
    });
  }

  Cost run(int burst) {
    const double cpu = cpu_seconds();
    const auto start = std::chrono::steady_clock::now();
    on_loop([this, burst] {
      for (int i = 0; i < burst; ++i) begin_one();
    });
    done.get_future().wait();
    const std::chrono::duration<double, std::micro> wall = std::chrono::steady_clock::now() - start;
    return {wall.count() / calls, (cpu_seconds() - cpu) * 1e6 / calls};
  }
};

Cost batched(int calls, int burst, std::chrono::nanoseconds work) {
  const auto runtime = mcp::make_runtime();
  Stub stub{.on_loop = [&](Task task) { runtime->loop().post(std::move(task)); },
            .on_worker = [&](Task task) { runtime->executor().submit_admitted(std::move(task)); },
            .calls = calls,
            .work = work,
            .done = {}};
  return stub.run(burst);
}

Cost one_post_a_call(int calls, int burst, std::chrono::nanoseconds work) {
  const auto runtime = mcp::make_runtime();
  boost::asio::io_context& context = mcp::io_context_of(runtime->loop());
  boost::asio::thread_pool pool(2);
  Stub stub{.on_loop = [&](Task task) { boost::asio::post(context, std::move(task)); },
            .on_worker = [&](Task task) { boost::asio::post(pool, std::move(task)); },
            .calls = calls,
            .work = work,
            .done = {}};
  const Cost cost = stub.run(burst);
  pool.join();
  return cost;
}

}  // namespace

int main(int argc, char** argv) {
  const int calls = argc > 1 ? std::atoi(argv[1]) : 200'000;
  if (calls < 64) {
    std::fputs("usage: executor_bench [calls, at least 64]\n", stderr);
    return 2;
  }
  std::puts("µs a call: loop -> worker -> loop        batched         asio::thread_pool");
  std::puts("in flight  work of the handler        wall      CPU         wall      CPU");
  for (const int burst : std::array{1, 8, 64}) {
    for (const std::chrono::nanoseconds work :
         {std::chrono::nanoseconds(0), std::chrono::nanoseconds(5000)}) {
      const int some = burst == 1 ? calls / 4 : calls;
      const Cost ours = batched(some, burst, work);
      const Cost theirs = one_post_a_call(some, burst, work);
      std::printf("%9d  %16.0f µs  %9.2f %8.2f    %9.2f %8.2f\n", burst,
                  static_cast<double>(work.count()) / 1000, ours.wall_us, ours.cpu_us,
                  theirs.wall_us, theirs.cpu_us);
    }
  }
}
