// The least a stdio server can do: read, split, nlohmann parse and dump, one write a batch. What
// this program reaches on a machine is the yardstick for that machine.

#include <unistd.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace {

using nlohmann::json;

std::string answer(std::string_view line) {
  const json request = json::parse(line);
  if (!request.contains("id")) return {};
  json result;
  const std::string& method = request["method"].get_ref<const std::string&>();
  if (method == "initialize") {
    result = {{"protocolVersion", "2025-06-18"},
              {"capabilities", {{"tools", json::object()}}},
              {"serverInfo", {{"name", "floor"}, {"version", "1"}}}};
  } else if (method == "tools/list") {
    result = {{"tools", {{{"name", "echo"}, {"inputSchema", {{"type", "object"}}}}}}};
  } else {
    result = {{"content", {{{"type", "text"}, {"text", request["params"]["arguments"]["text"]}}}}};
  }
  return json{{"jsonrpc", "2.0"}, {"id", request["id"]}, {"result", std::move(result)}}.dump() +
         '\n';
}

}  // namespace

int main() {
  std::string input;
  std::string output;
  static char chunk[262144];
  for (ssize_t count; (count = read(0, chunk, sizeof chunk)) > 0;) {
    input.append(chunk, static_cast<std::size_t>(count));
    std::size_t begin = 0;
    for (std::size_t end; (end = input.find('\n', begin)) != std::string::npos; begin = end + 1) {
      output += answer(std::string_view(input).substr(begin, end - begin));
    }
    input.erase(0, begin);
    for (std::size_t written = 0; written < output.size();) {
      const ssize_t sent = write(1, output.data() + written, output.size() - written);
      if (sent < 0) return 1;
      written += static_cast<std::size_t>(sent);
    }
    output.clear();
  }
}
