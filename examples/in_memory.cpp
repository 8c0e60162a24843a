// Testing a server in the process that holds it: server and client on the two ends of a pipe in
// memory, no child process, no network.

#include <mcp/mcp.h>

#include <iostream>

struct Pair {
  double a = 0;
  double b = 0;
};
struct Sum {
  double sum = 0;
};

int main() {
  mcp::Server server{{.name = "calculator", .version = "1.0.0"}};
  server.tool("add", "Adds two numbers", [](const Pair& in) { return Sum{in.a + in.b}; });
  // [test]
  auto runtime = mcp::make_runtime();
  auto [ours, theirs] = mcp::make_memory_pair(runtime->loop(), runtime->loop());
  auto connection = mcp::connect(server, *runtime, std::move(ours));
  auto client = mcp::Client::connect(*runtime, std::move(theirs));
  std::cout << *client.call_tool("add", {{"a", 2}, {"b", 40}}).structured_content << '\n';
  // [end]
}
