// remote ADDRESS: lists the tools of a server, behind a URL or started as a command.

#include <cstdlib>
#include <iostream>

#include <mcp/client/client.h>
#include <mcp/client/http_target.h>

int main(int argc, char** argv) try {
  if (argc != 2) {
    std::cerr << "usage: remote URL|COMMAND\n";
    return 2;
  }
  // [connect]
  mcp::HttpClientOptions http;
  if (const char* key = std::getenv("API_KEY")) http.headers = {{"X-Api-Key", key}};
  auto runtime = mcp::make_runtime();
  auto client = mcp::Client::connect(*runtime, mcp::target_at(argv[1], http));
  for (const mcp::Tool& tool : client.list_tools()) std::cout << tool.name << '\n';
  // [end]
  return 0;
} catch (const std::exception& error) {
  std::cerr << "remote: " << error.what() << '\n';
  return 1;
}
