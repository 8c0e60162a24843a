// The tools that the tables of servers measure.
//   bench_echo [--inline] [--http]     over stdio, or over HTTP on a free port

#include <mcp/mcp.h>

#include <string_view>

namespace {

struct Echo {
  std::string text;
};

struct Nothing {};

}  // namespace

int main(int argc, char** argv) {
  bool run_inline = false;
  mcp::ServeOptions options;
  for (int index = 1; index < argc; ++index) {
    const std::string_view argument = argv[index];
    if (argument == "--inline") run_inline = true;
    if (argument == "--http") options.http_address = "127.0.0.1:0";
  }
  mcp::Server server{{.name = "echo", .version = "1.0.0"}};
  server.tool("echo", "Echoes its text", [](const Echo& in) { return mcp::text(in.text); },
              {.run_inline = run_inline});
  if (!options.http_address.empty()) {
    // What tells its progress is answered with a stream.
    server.tool("echo_stream", "Echoes its text, after a word of progress",
                [](const Echo& in, mcp::Context& ctx) {
                  ctx.progress(1);
                  return mcp::text(in.text);
                },
                {.run_inline = run_inline});
    server.tool("change", "Tells all who listen that the list of tools has changed",
                [&server](const Nothing&) {
                  server.tool("extra", "One more", [](const Nothing&) { return mcp::text(""); });
                  return mcp::text("changed");
                });
  }
  return mcp::serve(server, options);
}
