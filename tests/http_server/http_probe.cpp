// A server program over HTTP, for test_program.cpp. `--drain MS` bounds calls after a signal;
// anything else is the command line of `mcp::serve`.

#include <unistd.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string_view>

#include <mcp/server/serve.h>

int main(int argc, char** argv) {
  mcp::Server server{{.name = "probe", .version = "1"}, {.declare = {.resources = true}}};
  const auto tool = [&](const char* name, mcp::ToolHandler handler) {
    server.tool({.name = name}, std::move(handler));
  };
  // Goes on when stdin comes to its end.
  tool("work", [](const mcp::Json&, mcp::Context&) {
    std::fputs("at work\n", stderr);
    for (char c = 0; ::read(0, &c, 1) > 0;) {
    }
    return mcp::text("worked");
  });
  tool("patient", [](const mcp::Json&, mcp::Context& ctx) {
    std::fputs("waits\n", stderr);
    std::mutex mutex;
    std::condition_variable_any stopped;
    std::unique_lock lock(mutex);
    stopped.wait(lock, ctx.stop_token(), [] { return false; });
    std::fputs("was stopped\n", stderr);
    return mcp::text("stopped");
  });
  tool("whoami", [](const mcp::Json&, mcp::Context& ctx) { return mcp::text(ctx.principal()); });
  tool("erase", [](const mcp::Json&, mcp::Context&) { return mcp::text("erased"); });
  if (argc == 3 && std::string_view(argv[1]) == "--drain")
    return mcp::serve(server,
                      {.http_address = "127.0.0.1:0",
                       .http_drain_timeout = std::chrono::milliseconds(std::atoi(argv[2]))});
  return mcp::serve(server, argc, argv);
}
