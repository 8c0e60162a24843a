// An MCP server of the session era, as small as can be: one tool that adds; with --events also
// one, "wait", that never answers. It lets the command be tested without the SDK's own server, and
// misbehaves on request.
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

using Json = nlohmann::json;

namespace {

struct Behaviour {
  bool silent = false;    ///< takes what it is sent and never answers
  bool deaf = false;      ///< does not even read
  bool stubborn = false;  ///< does not end before it is killed
  int events = -1;        ///< where it tells what happens to it
};

Behaviour behaviour;

Json result_of(const std::string& method, const Json& params) {
  if (method == "initialize") {
    return {{"protocolVersion", "2025-11-25"},
            {"capabilities", {{"tools", Json::object()}}},
            {"serverInfo", {{"name", "small"}, {"version", "1"}}}};
  }
  if (method == "tools/list") {
    const Json schema{{"type", "object"}};
    Json tools =
        Json::array({{{"name", "add"}, {"description", "Adds a and b"}, {"inputSchema", schema}}});
    if (behaviour.events >= 0) tools.push_back({{"name", "wait"}, {"inputSchema", schema}});
    return {{"tools", tools}};
  }
  if (method == "tools/call") {
    const Json& arguments = params.at("arguments");
    if (!arguments.contains("a")) {
      return {{"content", Json::array({{{"type", "text"}, {"text", "a is missing"}}})},
              {"isError", true}};
    }
    const int sum = arguments.at("a").get<int>() + arguments.at("b").get<int>();
    const std::string text = "the sum is " + std::to_string(sum);
    return {{"content", Json::array({{{"type", "text"}, {"text", text}}})},
            {"structuredContent", {{"sentence", text}}}};
  }
  return nullptr;
}

void tell(const char* line) {
  if (behaviour.events < 0) return;
  if (::write(behaviour.events, line, std::strlen(line)) < 0) std::abort();
}

void terminated(int) {
  tell("terminated\n");
  if (!behaviour.stubborn) ::_exit(0);
}

void answer(const std::string& line) {
  const Json request = Json::parse(line);
  if (!request.contains("id")) return;
  Json answer{{"jsonrpc", "2.0"}, {"id", request["id"]}};
  const std::string method = request["method"];
  if (method == "tools/call" && request["params"]["name"] == "wait") {
    tell("waiting\n");
    return;
  }
  const Json result = result_of(method, request.value("params", Json::object()));
  if (result.is_null()) {
    answer["error"] = {{"code", -32601}, {"message", "Method not found"}};
  } else {
    answer["result"] = result;
  }
  std::cout << answer.dump() << std::endl;
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view flag = argv[i];
    if (flag == "--silent") behaviour.silent = true;
    if (flag == "--deaf") behaviour.deaf = true;
    if (flag == "--stubborn") behaviour.stubborn = true;
    if (flag == "--events") behaviour.events = ::open(argv[++i], O_WRONLY);
  }
  std::signal(SIGTERM, terminated);
  if (behaviour.silent || behaviour.deaf) std::cerr << "small_server: not today" << std::endl;
  tell("started\n");
  while (behaviour.deaf) ::pause();
  for (std::string line; std::getline(std::cin, line);) {
    if (!behaviour.silent) answer(line);
  }
  tell("end of input\n");
  while (behaviour.stubborn) ::pause();
}
