// The least a consumer writes: it compiles, links and answers.
#include <mcp/mcp.h>

#include <iostream>
#include <string_view>

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
  // A URL wants one library more, which the error names.
  const auto runtime = mcp::make_runtime();
  try {
    mcp::Client::connect(*runtime, "https://mcp.example.com/mcp");
    return 1;
  } catch (const mcp::Error& error) {
    if (std::string_view(error.what()).find("fairlead::http") == std::string_view::npos) return 1;
  }
  std::cout << "consumer built\n";
}
