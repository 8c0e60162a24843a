// Measures tools/call over HTTP with 1, 16, 64 and 256 connections.
//   http_load NAME session|stateless TOOL SECONDS COMMAND [ARGUMENT...]
// prints a row for each: name, connections, calls/s, p50 and p99 in ms, CPU µs a call, RSS in MB.

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

#include "callers.h"

int main(int argc, char** argv) try {
  if (argc < 6) {
    std::fprintf(stderr,
                 "usage: http_load NAME session|stateless TOOL SECONDS COMMAND [ARGUMENT...]\n");
    return 2;
  }
  const Era era = std::string_view(argv[2]) == "session" ? Era::session : Era::stateless;
  const double seconds = std::atof(argv[4]);
  const HttpServerProcess server({argv + 5, argv + argc});
  const Requests requests(era, server.port(), server.path());
  for (const std::size_t connections : {1U, 16U, 64U, 256U}) {
    Callers callers(server, requests, argv[3], connections);
    callers.run(seconds / 4);  // warm up
    const Load load = callers.run(seconds);
    std::printf("%-34s %6zu %10.0f %8.2f %8.2f %8.1f %8.1f\n", argv[1], connections,
                load.calls_per_second, load.p50_milliseconds, load.p99_milliseconds,
                load.cpu_microseconds, memory_mb(server.id(), {"Rss:"}));
  }
} catch (const std::exception& error) {
  std::fprintf(stderr, "http_load: %s\n", error.what());
  return 1;
}
