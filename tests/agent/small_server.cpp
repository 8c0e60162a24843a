// An MCP server of the session era, as small as can be: one tool that adds. It lets the command be
// tested without the SDK's own server.
#include <iostream>
#include <string>

#include <nlohmann/json.hpp>

using Json = nlohmann::json;

namespace {

Json result_of(const std::string& method, const Json& params) {
  if (method == "initialize") {
    return {{"protocolVersion", "2025-11-25"},
            {"capabilities", {{"tools", Json::object()}}},
            {"serverInfo", {{"name", "small"}, {"version", "1"}}}};
  }
  if (method == "tools/list") {
    return {{"tools", Json::array({{{"name", "add"},
                                    {"description", "Adds a and b"},
                                    {"inputSchema", {{"type", "object"}}}}})}};
  }
  if (method == "tools/call") {
    const Json& arguments = params.at("arguments");
    if (!arguments.contains("a")) {
      return {{"content", Json::array({{{"type", "text"}, {"text", "a is missing"}}})},
              {"isError", true}};
    }
    const int sum = arguments.at("a").get<int>() + arguments.at("b").get<int>();
    return {{"content",
             Json::array({{{"type", "text"}, {"text", "the sum is " + std::to_string(sum)}}})}};
  }
  return nullptr;
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    const Json request = Json::parse(line);
    if (!request.contains("id")) continue;
    Json answer{{"jsonrpc", "2.0"}, {"id", request["id"]}};
    const Json result = result_of(request["method"], request.value("params", Json::object()));
    if (result.is_null()) {
      answer["error"] = {{"code", -32601}, {"message", "Method not found"}};
    } else {
      answer["result"] = result;
    }
    std::cout << answer.dump() << std::endl;
  }
}
