// A server in a program that has a loop of its own: the SDK starts no thread, and works only when
// the program says so. Here the loop reads lines; yours may be a game's, a window's, a database's.

#include <mcp/base/environment.h>
#include <mcp/base/manual_runtime.h>
#include <mcp/mcp.h>
#include <mcp/server/engine.h>

#include <chrono>
#include <iostream>
#include <utility>

struct Pair {
  double a = 0;
  double b = 0;
};
struct Sum {
  double sum = 0;
};

// [outlet]
/// Where the server's messages go: one JSON text each.
class Lines final : public mcp::server::Outlet {
 public:
  bool send(mcp::server::Outbound message) override {
    std::cout << message.bytes << std::endl;
    return true;
  }
};
// [end]

int main() {
  mcp::Server server{{.name = "calculator", .version = "1.0.0"}};
  server.tool("add", "Adds two numbers", [](const Pair& in) { return Sum{in.a + in.b}; });

  // [loop]
  const auto environment = mcp::make_environment();  // the real clock, real randomness
  mcp::ManualRuntime runtime({.environment = environment.get()});
  const auto engine = mcp::server::Engine::create(server, runtime);
  std::shared_ptr<mcp::server::Connection> connection;
  runtime.loop().post([&] { connection = engine->connect(std::make_shared<Lines>()); });

  auto then = std::chrono::steady_clock::now();
  for (std::string line; std::getline(std::cin, line);) {
    runtime.loop().post([&] { connection->receive(line); });
    // Runs what is ready, handlers too, and the timers of the time that has passed.
    const auto now = std::chrono::steady_clock::now();
    runtime.advance(now - std::exchange(then, now));
  }

  runtime.loop().post([&] { std::exchange(connection, nullptr)->close(); });
  runtime.run();
  // [end]
}
