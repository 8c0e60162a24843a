// An MCP server of the session era with every vice that `fairlead probe` looks for. Its first
// argument is the tools that it lists, the others are its vices.
#include <cstdlib>
#include <iostream>
#include <set>
#include <string>

#include <unistd.h>

#include <nlohmann/json.hpp>

using Json = nlohmann::json;

int main(int argc, char** argv) {
  const Json tools = Json::parse(argv[1]);
  const std::set<std::string> vices(argv + 2, argv + argc);
  const auto has = [&](const char* vice) { return vices.count(vice) != 0; };
  const auto say = [](const Json& message) { std::cout << message.dump() << std::endl; };
  if (has("chatty")) std::cout << "Server ready!" << std::endl;
  if (has("noisy")) {
    for (int line = 0; line < 50; ++line) std::cerr << "debug " << line << std::endl;
  }
  for (std::string line; std::getline(std::cin, line);) {
    const Json message = Json::parse(line, nullptr, false);
    if (!message.is_object() || !message.contains("method")) {
      if (has("fragile")) std::abort();
      continue;
    }
    if (!message.contains("jsonrpc") || message.value("id", Json(0)).is_null()) continue;
    const std::string method = message["method"];
    if (!message.contains("id")) {
      if (has("answers everything")) say({{"jsonrpc", "2.0"}, {"id", 0}, {"result", Json()}});
      continue;
    }
    Json answer{{"jsonrpc", "2.0"}, {"id", message["id"]}};
    if (method == "initialize") {
      answer["result"] = {
          {"protocolVersion", "2025-11-25"},
          {"capabilities", {{"tools", Json::object()}}},
          {"serverInfo", {{"name", has("nameless") ? "" : "bad"}, {"version", "1"}}}};
      if (has("empty promises")) answer["result"]["capabilities"]["prompts"] = Json::object();
    } else if (method == "tools/list") {
      answer["result"] = {{"tools", tools}};
    } else if (method == "ping") {
      answer["result"] = Json::object();
    } else if (has("silent") && method != "server/discover") {
      continue;
    } else if (has("indulgent") && method != "server/discover") {
      answer["result"] = {{"content", Json::array()}};
    } else {
      answer["error"] = {{"code", method == "tools/call" ? -32602 : -32601},
                         {"message", "unknown"}};
    }
    say(answer);
  }
  while (has("stubborn")) ::pause();
}
