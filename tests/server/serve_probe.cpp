// A server program with awkward tools, for test_serve.cpp.

#include <unistd.h>

#include <mcp/server/serve.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

int main(int argc, char** argv) {
  mcp::Server server{{.name = "probe", .version = "7"}};
  const auto tool = [&](const char* name, mcp::ToolHandler handler) {
    server.tool({.name = name}, std::move(handler));
  };
  // Goes on when the descriptor "gate", if there is one, comes to its end.
  tool("work", [](const mcp::Json& arguments, mcp::Context&) {
    const int gate = arguments.value("gate", -1);
    for (char c = 0; gate >= 0 && ::read(gate, &c, 1) > 0;) {
    }
    std::puts("this goes to stderr");
    return mcp::text("worked");
  });
  tool("patient", [](const mcp::Json&, mcp::Context& ctx) {
    std::mutex mutex;
    std::condition_variable_any stopped;
    std::unique_lock lock(mutex);
    stopped.wait(lock, ctx.stop_token(), [] { return false; });
    return mcp::text("stopped");
  });
  tool("ask", [](const mcp::Json&, mcp::Context& ctx) {
    ctx.roots("roots");
    return mcp::text("asked");
  });
  tool("stubborn", [](const mcp::Json&, mcp::Context&) {
    for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
    return mcp::text("");
  });
  if (argc == 2 && std::string_view(argv[1]) == "quick")
    return mcp::serve(server, {.drain_timeout = std::chrono::milliseconds(100),
                               .stop_timeout = std::chrono::milliseconds(100)});
  return mcp::serve(server, argc, argv);
}
