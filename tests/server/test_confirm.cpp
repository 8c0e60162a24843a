// Before what can't be undone somebody is asked: by a form, or by a token that comes back.

#include <mcp/server/confirm.h>

#include "asking.h"

namespace {

/// A tool that asks before it deletes, and what it would delete.
struct Deleting {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  std::string preview = "Delete 3 files.";
  int deleted = 0;

  Deleting() {
    mcp::Json schema = {{"type", "object"}, {"properties", {{"path", {{"type", "string"}}}}}};
    mcp::add_confirm_token(schema);
    server.tool({.name = "delete", .input_schema = schema},
                [this](const mcp::Json&, Context& ctx) -> ToolResult {
                  if (const auto instead = mcp::unless_confirmed(ctx, preview))
                    return mcp::text(*instead);
                  ++deleted;
                  return mcp::text("deleted");
                });
  }
};

std::string deleting(const std::string& arguments, const std::string& capabilities = "{}") {
  return modern("1", "tools/call", R"("name":"delete","arguments":)" + arguments, capabilities);
}

/// The token that a text names.
std::string token_of(const std::string& line) {
  static const std::string before = R"(confirm_token \")";
  const auto begin = line.find(before);
  REQUIRE(begin != std::string::npos);
  const auto from = begin + before.size();
  return line.substr(from, line.find('\\', from) - from);
}
std::string with_token(const std::string& path, const std::string& token) {
  return R"({"path":")" + path + R"(","confirm_token":")" + token + R"("})";
}

}  // namespace

TEST_CASE("a client with forms is shown the preview") {
  Deleting deleting;
  Wire wire(deleting.server);
  wire.initialize();
  const std::string asked = wire.ask(
      R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"delete","arguments":{}}})");
  CHECK(
      asked ==
      R"({"jsonrpc":"2.0","id":1,"method":"elicitation/create","params":{"message":"Delete 3 files.","requestedSchema":{"properties":{},"type":"object"}}})");
  CHECK(deleting.deleted == 0);
  SUBCASE("accepted") {
    CHECK(wire.ask(R"({"jsonrpc":"2.0","id":1,"result":{"action":"accept","content":{}}})") ==
          text_result("7", "deleted"));
    CHECK(deleting.deleted == 1);
  }
  SUBCASE("declined") {
    CHECK(wire.ask(R"({"jsonrpc":"2.0","id":1,"result":{"action":"decline"}})") ==
          text_result("7", "The user declined. Nothing was done."));
    CHECK(deleting.deleted == 0);
  }
  SUBCASE("cancelled") {
    CHECK(wire.ask(R"({"jsonrpc":"2.0","id":1,"result":{"action":"cancel"}})") ==
          text_result("7", "The user gave no answer. Nothing was done."));
    CHECK(deleting.deleted == 0);
  }
  SUBCASE("accepted, but something else by now") {
    deleting.preview = "Delete 4 files.";
    CHECK(wire.ask(R"({"jsonrpc":"2.0","id":1,"result":{"action":"accept","content":{}}})")
              .find("Delete 4 files.") != std::string::npos);
    CHECK(deleting.deleted == 0);
  }
}

TEST_CASE("a client without forms gets the preview and a token, which lets the same call through") {
  Deleting tool;
  Wire wire(tool.server);
  const std::string told = wire.ask(deleting(R"({"path":"a"})"));
  const std::string token = token_of(told);
  CHECK(
      told ==
      modern_text_result(
          "1",
          R"(Nothing was done yet. This is what would be done:\n\nDelete 3 files.\n\nIf the user agrees, call delete again with the same arguments and confirm_token \")" +
              token + R"(\".)"));
  CHECK(tool.deleted == 0);
  CHECK(wire.ask(deleting(with_token("a", token))) == modern_text_result("1", "deleted"));
  CHECK(tool.deleted == 1);
  SUBCASE("once") {
    CHECK(
        wire.ask(deleting(with_token("a", token))).find("was used before. Nothing was done yet.") !=
        std::string::npos);
    CHECK(tool.deleted == 1);
  }
}

TEST_CASE("a token for something else is none") {
  Deleting tool;
  Wire wire(tool.server);
  const std::string token = token_of(wire.ask(deleting(R"({"path":"a"})")));
  std::string arguments = with_token("a", token);
  SUBCASE("other arguments") {
    arguments = with_token("b", token);
  }
  SUBCASE("another preview") {
    tool.preview = "Delete 4 files.";
  }
  SUBCASE("too late") {
    wire.runtime.advance(std::chrono::minutes(15));
  }
  SUBCASE("altered") {
    arguments = with_token("a", token.substr(1));
  }
  SUBCASE("made up") {
    arguments = with_token("a", "yes");
  }
  const std::string refused = wire.ask(deleting(arguments));
  CHECK(refused.find("is not for this call as it is now, or has expired. Nothing was done yet.") !=
        std::string::npos);
  CHECK(tool.deleted == 0);
  // The new one is good.
  arguments.replace(arguments.find("confirm_token") + 16, std::string::npos,
                    token_of(refused) + R"("})");
  CHECK(wire.ask(deleting(arguments)) == modern_text_result("1", "deleted"));
}

TEST_CASE("a long preview is shown in part, but all of it counts") {
  Deleting tool;
  tool.preview = std::string(5000, 'x') + "1";
  Wire wire(tool.server);
  const std::string told = wire.ask(deleting("{}"));
  CHECK(told.find(std::string(4096, 'x') + "\\n… 905 bytes more (") != std::string::npos);
  const std::string token = token_of(told);
  tool.preview.back() = '2';
  CHECK(
      wire.ask(deleting(R"({"confirm_token":")" + token + R"("})")).find("is not for this call") !=
      std::string::npos);
  CHECK(tool.deleted == 0);
}
