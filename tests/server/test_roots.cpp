// A session's client is asked for its roots once, and again when they have changed.

#include <mcp/server/session_roots.h>

#include "asking.h"

namespace {

struct Rooted {
  mcp::Server server{{.name = "test", .version = "1"}, quiet()};
  Rooted() {
    server.tool("roots", "", [](const None&, Context& ctx) {
      const bool known = mcp::known_roots(ctx) != nullptr;
      return (known ? "known " : "asked ") + ctx.roots().at(0).uri;
    });
  }
};

const std::string question = R"(,"method":"roots/list","params":{}})";
std::string asked(const std::string& id) {
  return R"({"jsonrpc":"2.0","id":)" + id + question;
}
std::string answer(const std::string& id, const std::string& uri) {
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"result":{"roots":[{"uri":")" + uri + R"("}]}})";
}
const std::string changed = R"({"jsonrpc":"2.0","method":"notifications/roots/list_changed"})";

}  // namespace

TEST_CASE("roots are asked for once in a session, until they change") {
  Rooted rooted;
  Wire wire(rooted.server);
  wire.initialize("2025-11-25", R"({"roots":{"listChanged":true}})");
  CHECK(wire.ask(call("1", "roots")) == asked("1"));
  CHECK(wire.ask(answer("1", "file:///a")) == text_result("1", "asked file:///a"));
  CHECK(wire.ask(call("2", "roots")) == text_result("2", "known file:///a"));
  CHECK(wire.say(changed).empty());
  CHECK(wire.ask(call("3", "roots")) == asked("2"));
  CHECK(wire.ask(answer("2", "file:///b")) == text_result("3", "asked file:///b"));
}

TEST_CASE("an answer that crossed the news of a change is not kept") {
  Rooted rooted;
  Wire wire(rooted.server);
  wire.initialize("2025-11-25", R"({"roots":{"listChanged":true}})");
  CHECK(wire.ask(call("1", "roots")) == asked("1"));
  wire.say(changed);
  CHECK(wire.ask(answer("1", "file:///a")) == text_result("1", "asked file:///a"));
  CHECK(wire.ask(call("2", "roots")) == asked("2"));
}

TEST_CASE("a client that does not tell of changes is asked by every call") {
  Rooted rooted;
  Wire wire(rooted.server);
  wire.initialize("2025-11-25", R"({"roots":{}})");
  CHECK(wire.ask(call("1", "roots")) == asked("1"));
  CHECK(wire.ask(answer("1", "file:///a")) == text_result("1", "asked file:///a"));
  CHECK(wire.ask(call("2", "roots")) == asked("2"));
}
