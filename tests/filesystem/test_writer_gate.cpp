#include <thread>

#include "servers/filesystem/toolbox.h"
#include "tests/filesystem/fixture.h"

using namespace fairlead::filesystem;
using namespace fairlead::filesystem::testing;

TEST_CASE("one writer at a time is let through, and all of them in the end") {
  WriterGate gate;
  int written = 0;  // not atomic: the gate keeps them apart
  {
    std::vector<std::jthread> writers;
    for (int i = 0; i < 4; ++i) {
      writers.emplace_back([&] {
        for (int j = 0; j < 500; ++j) {
          const WriteLock lock(gate, no_hurry());
          ++written;
        }
      });
    }
  }
  CHECK(written == 2'000);
}

TEST_CASE("who is cancelled does not wait for the writer before") {
  WriterGate gate;
  const auto first = std::make_unique<WriteLock>(gate, no_hurry());
  std::stop_source stop;
  std::string failure;
  std::jthread second([&] {
    const Watch watch(stop.get_token(), std::chrono::minutes(5));
    failure = failure_of([&] { const WriteLock lock(gate, watch); });
  });
  stop.request_stop();
  second.join();
  CHECK(failure == "The call was cancelled.");
}
