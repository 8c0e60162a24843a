#pragma once

// Handlers that ask, and the lines of a client that answers.

#include "wire.h"

#include <optional>
#include <string>

using mcp::Context;
using mcp::ToolResult;

struct Name {
  std::string name;
};
struct Sure {
  bool sure = false;
};
struct None {
  std::optional<std::string> ignored;
};
struct Drop {
  std::string table;
};

/// A server with handlers that ask, and a count of how often each began.
struct Asking {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  int runs = 0;
  int steps = 0;

  Asking() {
    server.tool("greet", "", [this](const None&, Context& ctx) -> ToolResult {
      ++runs;
      auto name = ctx.elicit<Name>("user_name", "What is your name?");
      if (!name.accepted()) return mcp::text("Hello, stranger!");
      return mcp::text("Hello, " + name->name + "!");
    });
    server.tool("two", "", [this](const None&, Context& ctx) -> ToolResult {
      ++runs;
      auto first = ctx.elicit<Name>("step1", "Your name?");
      auto second = ctx.elicit<Name>("step2", "And the cat's?");
      return mcp::text(first->name + " and " + second->name);
    });
    server.tool("three_at_once", "", [this](const None&, Context& ctx) -> ToolResult {
      ++runs;
      auto [name, greeting, roots] = ctx.ask_all(
          mcp::elicit<Name>("user_name", "Your name?"),
          mcp::sample("greeting", {.messages = {mcp::sampling_text(mcp::Role::user, "Greet")},
                                   .max_tokens = 50}),
          mcp::roots("client_roots"));
      return mcp::text(greeting.text() + " " + name->name + " at " + roots.at(0).uri);
    });
    server.tool("drop", "", [this](const Drop& in, Context& ctx) -> ToolResult {
      ++runs;
      const auto question = mcp::elicit<Sure>("confirm", "Really drop " + in.table + "?");
      const auto* answer = ctx.answer(question);
      if (answer == nullptr) return ctx.ask(question);
      return mcp::text(answer->accepted() && (*answer)->sure ? "dropped" : "kept");
    });
  }
};

inline std::string form(const std::string& message) {
  return R"({"message":")" + message +
         R"(","requestedSchema":{"properties":{"name":{"type":"string"}},"required":["name"],"type":"object"}})";
}
inline std::string call(const std::string& id, const std::string& tool,
                        const std::string& arguments = "{}") {
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":"tools/call","params":{"arguments":)" +
         arguments + R"(,"name":")" + tool + R"("}})";
}
inline std::string modern_call(const std::string& id, const std::string& tool,
                               const std::string& more = "", const std::string& arguments = "{}") {
  return modern(id, "tools/call", R"("name":")" + tool + R"(","arguments":)" + arguments + more);
}
inline std::string retry(const std::string& answers, const std::string& state) {
  return R"(,"inputResponses":)" + answers + R"(,"requestState":")" + state + '"';
}
