// A client: starts a server, lists its tools, calls the first one that needs no arguments.
// usage: list_tools COMMAND [ARGUMENT...]

#include <mcp/mcp.h>

#include <iostream>

int main(int argc, char** argv) try {
  // [client]
  auto runtime = mcp::make_runtime();
  auto client = mcp::Client::connect(*runtime, mcp::Target::command({argv + 1, argv + argc}));
  std::cout << client.server().implementation.name << '\n';
  for (const mcp::Tool& tool : client.list_tools()) {
    std::cout << tool.name << ": " << tool.description << '\n';
    if (tool.input_schema.contains("required")) continue;
    const mcp::ToolResult result = client.call_tool(tool.name);
    for (const mcp::Content& block : result.content) std::cout << mcp::to_text(block) << '\n';
  }
  // [end]
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
