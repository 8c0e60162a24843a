// The echo tool that the stdio table measures. `--inline` runs its handler on the loop.

#include <mcp/mcp.h>

#include <string_view>

namespace {
struct Echo {
  std::string text;
};
}  // namespace

int main(int argc, char** argv) {
  const bool run_inline = argc > 1 && std::string_view(argv[1]) == "--inline";
  mcp::Server server{{.name = "echo", .version = "1.0.0"}};
  server.tool("echo", "Echoes its text", [](const Echo& in) { return mcp::text(in.text); },
              {.run_inline = run_inline});
  return mcp::serve(server, mcp::ServeOptions{});
}
