// The check itself: it must find what is wrong, in every revision.

#include <doctest/doctest.h>

#include <mcp/base/manual_runtime.h>
#include <mcp/transport/memory.h>

#include "checked_transport.h"

using mcp::Json;

TEST_CASE("a message that does not fit its revision's schema is found" *
          doctest::skip(!schemas_are_here())) {
  const Json call = Json::parse(R"({"jsonrpc":"2.0","id":1,"method":"tools/call",
    "params":{"name":"add","arguments":{"a":1},"_meta":{
      "io.modelcontextprotocol/protocolVersion":"2026-07-28",
      "io.modelcontextprotocol/clientInfo":{"name":"c","version":"1"},
      "io.modelcontextprotocol/clientCapabilities":{}}}})");
  Json nameless = call;
  nameless["params"].erase("name");
  const Json answer = Json::parse(
      R"({"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"3"}],
          "resultType":"complete"}})");
  Json wrong_answer = answer;
  wrong_answer["result"]["content"][0].erase("text");
  for (const char* revision :
       {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"}) {
    CAPTURE(revision);
    CHECK(message_problem(revision, call) == "");
    CHECK(message_problem(revision, nameless).find("\"name\" is missing") != std::string::npos);
    CHECK(message_problem(revision, answer, "tools/call") == "");
    CHECK(message_problem(revision, wrong_answer, "tools/call") != "");
    CHECK(message_problem(revision, {{"jsonrpc", "2.0"}, {"id", 1}, {"method", "tools/cal"}}) ==
          "no method of this revision");
    CHECK(message_problem(revision, {{"jsonrpc", "2.0"}, {"id", 1}, {"method", "x/y"}}) == "");
    CHECK(message_problem(revision, {{"jsonrpc", "2.0"}, {"id", {}}, {"method", "x/y"}}) != "");
  }
  Json undecided = answer;
  undecided["result"].erase("resultType");
  CHECK(message_problem("2025-11-25", undecided, "tools/call") == "");
  CHECK(message_problem("2026-07-28", undecided, "tools/call") != "");
}

TEST_CASE("the transport knows which revision a message belongs to" *
          doctest::skip(!schemas_are_here())) {
  struct Silent final : mcp::Transport::Handler {
    void message(std::string_view) override {}
    void oversized(std::size_t) override {}
    void closed(const std::string&) override {}
  } silent;
  mcp::ManualRuntime runtime;
  auto [near, far] = mcp::make_memory_pair(runtime.loop(), runtime.loop());
  const auto ours = checked(std::move(near));
  ours->start(silent);
  far->start(silent);
  const long before = messages_checked();
  ours->send(
      R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"n","version":"1"}}})");
  CHECK(messages_checked() == before + 1);
  far->send(
      R"({"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2024-11-05","capabilities":{},"serverInfo":{"name":"n","version":"1"}}})");
  runtime.run();
  ours->send(R"({"jsonrpc":"2.0","id":2,"method":"ping"})");
  CHECK(messages_checked() == before + 2);
  ours->close();
  runtime.run();
}
