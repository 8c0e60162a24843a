// Starts and ends a child N times and says whether anything was left behind.
//
//   child_cycles N

#include <cstdio>
#include <cstdlib>
#include <memory>

#include <mcp/base/runtime.h>
#include <mcp/transport/child_process.h>

#include "process_state_posix.h"
#include "recording_handler.h"

int main(int argc, char** argv) {
  const int cycles = argc > 1 ? std::atoi(argv[1]) : 0;
  if (cycles < 1) {
    std::fputs("usage: child_cycles N\n", stderr);
    return 2;
  }
  const auto runtime = mcp::make_runtime();
  const auto cycle = [&] {
    RecordingHandler heard;
    const auto transport = mcp::make_child_process_transport(*runtime, {.command = "cat"});
    transport->start(heard);
    transport->send("ping");
    const bool answered = heard.wait_for_messages(1);
    transport->close();
    return heard.wait_for_closed() && answered;
  };
  if (!cycle()) return 1;
  const ProcessState before;
  for (int i = 0; i < cycles; ++i) {
    if (!cycle()) {
      std::printf("cycle %d failed\n", i + 1);
      return 1;
    }
  }
  const ProcessState after;
  std::printf("%d cycles: descriptors %td -> %td, threads %td -> %td, children left: %s\n", cycles,
              before.descriptors, after.descriptors, before.threads, after.threads,
              after.has_children ? "yes" : "none");
  return after == before && !after.has_children ? 0 : 1;
}
