// The least a consumer writes: it compiles, links and answers.
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
  mcp::Server server{{.name = "consumer", .version = "1.0.0"}};
  server.tool("add", "Adds two numbers", [](const Pair& in) { return Sum{in.a + in.b}; });
  std::cout << "consumer built\n";
}
