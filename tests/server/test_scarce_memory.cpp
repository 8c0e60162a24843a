#include "scarce_memory.h"
#include "wire.h"

TEST_CASE("a large message that the system has no memory for is refused, and the next is heard") {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  server.tool({.name = "echo"}, [](const mcp::Json&, mcp::Context&) { return mcp::text("done"); });
  Wire wire(server);
  wire.initialize("2025-11-25");
  // Nested, so that what was built when memory ended has to be taken apart.
  std::string nested = "[[";
  for (int i = 1; i < 30'000; ++i) nested += "{},";
  nested += "{}],[";
  for (int i = 1; i < 60'000; ++i) nested += "{},";
  nested += "{}]]";
  const std::string call =
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","junk":)" + nested +
      "}}";
  const std::string ping = R"({"jsonrpc":"2.0","id":"p","method":"ping"})";
  const std::string pong = R"({"jsonrpc":"2.0","id":"p","result":{}})";
  const std::string refused =
      R"({"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"too many messages are in flight: try again later","data":{"retryAfterMs":1000}}})";
  const std::string unread =
      R"({"jsonrpc":"2.0","error":{"code":-32603,"message":"the message could not be read: there is not enough memory"}})";

  SUBCASE("its values have no room") {
    wire.post(call);
    wire.post(ping);
    wire.runtime.run_loop_alone();
    {
      const Scarce scarce(800'000);
      wire.runtime.run_loop();
    }
    wire.runtime.run();
    CHECK(wire.heard() == std::vector<std::string>{refused, pong});
  }
  SUBCASE("not even its id has") {
    std::string nameless = call;
    nameless.replace(nameless.find(R"("id":1)"), 6, R"("id":")" + std::string(10'000, 'i') + '"');
    wire.post(nameless);
    wire.post(ping);
    wire.runtime.run_loop_alone();
    {
      const Scarce scarce(8'000);
      wire.runtime.run_loop();
    }
    wire.runtime.run();
    CHECK(wire.heard() == std::vector<std::string>{unread, pong});
  }
  CHECK(wire.ask(call) == text_result("1", "done"));
}
