// The server that http_abuse and http_soak work on.

#include <mcp/mcp.h>

#include <condition_variable>
#include <mutex>
#include <string>

namespace {

struct Echo {
  std::string text;
};
struct Flood {
  int messages;
};
struct Nothing {};

}  // namespace

int main() {
  mcp::Server server{{.name = "busy", .version = "1"}};
  server.tool("echo", "Echoes its text", [](const Echo& in) { return mcp::text(in.text); });
  server.tool("echo_stream", "Echoes its text, after a word of progress",
              [](const Echo& in, mcp::Context& ctx) {
                ctx.progress(1);
                return mcp::text(in.text);
              });
  server.tool("wait", "Ends when it is cancelled", [](const Echo&, mcp::Context& ctx) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any never;
    never.wait(lock, ctx.stop_token(), [] { return false; });
    return mcp::text("cancelled");
  });
  server.tool("flood", "Tells its progress so many times, a kilobyte each",
              [](const Flood& in, mcp::Context& ctx) {
                const std::string words(1000, 'w');
                for (int told = 1; told <= in.messages && !ctx.stop_token().stop_requested();
                     ++told)
                  ctx.progress(told, words);
                return mcp::text("told");
              });
  server.tool("change", "Tells all who listen that the list of tools has changed",
              [&server](const Nothing&) {
                server.tool("extra", "One more", [](const Nothing&) { return mcp::text(""); });
                return mcp::text("changed");
              });
  mcp::ServeOptions options;
  options.http_address = "127.0.0.1:0";
  // Small, so that it is full, and memory stands still, after a second.
  options.http.events = mcp::make_memory_event_store({.session_bytes = std::size_t{256} << 10U});
  options.http.listen.limits.header_timeout = std::chrono::seconds(3);
  options.http.listen.limits.body_timeout = std::chrono::seconds(3);
  return mcp::serve(server, options);
}
