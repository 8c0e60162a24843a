#include <string>

#include <mcp/base/json_memory.h>

#include "decoded.h"

using namespace decoded;

namespace {

constexpr std::size_t plenty = 1'000'000;

Decoded within(std::string_view bytes, std::size_t room) {
  return Decoder().decode_within(bytes, room);
}

/// 1,000 objects in 3 KB; `last` is one more value.
std::string dense(const std::string& last) {
  std::string text = "[";
  for (int i = 0; i < 1000; ++i) text += "{},";
  return text + last + "]";
}

// Both passes of the gate: the quick parser has no type for the second number.
const char* const numbers[] = {"1", "123456789012345678901234567890"};

}  // namespace

TEST_CASE("a message says what its values hold") {
  // "2.0", 7, "x" and the two texts of an object's member.
  const Decoded small =
      within(R"({"jsonrpc":"2.0","id":7,"method":"x","params":{"a":"b"}})", plenty);
  CHECK(small.whole);
  CHECK(small.held == 64 + 16 + 64 + (16 + 64 + 96 + 48));

  const Decoded large = within(call_with(dense("1")), plenty);
  CHECK(large.whole);
  CHECK(large.held > 1000 * 80);
  CHECK(large.held < 1000 * 80 + 1000);
  const Json& params = std::get<Request>(std::get<Message>(large.incoming)).params;
  CHECK(large.held == 64 + 16 + 64 + mcp::held_bytes(params));
}

TEST_CASE("what has no room says who speaks, and carries nothing") {
  for (const char* number : numbers) {
    CAPTURE(number);
    const std::string junk = dense(number);
    const auto without_room = [](const std::string& bytes) {
      Decoded decoded = within(bytes, 50'000);
      CHECK_FALSE(decoded.whole);
      return std::move(decoded.incoming);
    };
    // The id comes last.
    Incoming incoming = without_room(R"({"jsonrpc":"2.0","method":"tools/call","params":{"x":)" +
                                     junk + R"(},"y":)" + junk + R"(,"id":"me"})");
    const Request& request = std::get<Request>(std::get<Message>(incoming));
    CHECK(request.id == Id("me"));
    CHECK(request.method == "tools/call");
    CHECK(request.params == Json::object());

    incoming = without_room(R"({"jsonrpc":"2.0","method":"a/b","params":)" + junk + "}");
    const Notification& notification = std::get<Notification>(std::get<Message>(incoming));
    CHECK(notification.method == "a/b");
    CHECK(notification.params == Json::array());

    incoming = without_room(R"({"jsonrpc":"2.0","id":3,"result":{"x":)" + junk + "}}");
    const Response& response = std::get<Response>(std::get<Message>(incoming));
    CHECK(response.id == Id(3));
    CHECK(std::get<Json>(response.outcome) == Json::object());

    incoming = without_room(R"([{"jsonrpc":"2.0","id":1,"method":"ping"},)"
                            R"({"jsonrpc":"2.0","id":2,"method":"x","params":{"x":)" +
                            junk + "}},5]");
    const Batch& batch = std::get<Batch>(incoming);
    REQUIRE(batch.items.size() == 3);
    CHECK(std::get<Request>(std::get<Message>(batch.items[0])).id == Id(1));
    CHECK(std::get<Request>(std::get<Message>(batch.items[1])).params == Json::object());
    CHECK(std::get<Refusal>(batch.items[2]).error.code == -32600);

    CHECK(within(call_with(junk), 100'000).whole);
  }
}

TEST_CASE("a member that JSON-RPC does not know takes room only while it is looked at") {
  const std::string bytes = R"({"jsonrpc":"2.0","id":1,"method":"ping","x":)" + dense("1") + "}";
  CHECK(within(bytes, plenty).held == 64 + 16 + 64);
  CHECK_FALSE(within(bytes, 50'000).whole);
}
