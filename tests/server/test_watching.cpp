// What clients watch is bounded, and acknowledged first.

#include <mcp/server/connection.h>
#include <mcp/server/engine.h>
#include <mcp/server/watching.h>

#include "wire.h"

namespace {

std::string refused(const std::string& id, const std::string& message) {
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"error":{"code":-32602,"message":")" + message +
         R"("}})";
}
std::string busy(const std::string& id, const std::string& message) {
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"error":{"code":-32603,"message":")" + message +
         R"(: try again later","data":{"retryAfterMs":1000}}})";
}
std::string acknowledged(const std::string& id, const std::string& uris) {
  return R"({"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":)" +
         id + R"(},"notifications":{"resourceSubscriptions":)" + uris + "}}}";
}
std::string listen(const std::string& id, const std::string& uris) {
  return modern(id, "subscriptions/listen",
                R"("notifications":{"resourceSubscriptions":)" + uris + "}");
}
std::string subscribe(const std::string& uri, const std::string& method = "subscribe") {
  return R"({"jsonrpc":"2.0","id":1,"method":"resources/)" + method + R"(","params":{"uri":")" +
         uri + R"("}})";
}
std::string cancel(const std::string& id) {
  return R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":)" + id +
         "}}";
}
const std::string subscribed = R"({"jsonrpc":"2.0","id":1,"result":{}})";

/// Any `test://…` is a resource.
struct Watched {
  mcp::Server server;
  explicit Watched(const mcp::ServerLimits& limits)
      : server({.name = "test", .version = "1"}, quiet({.limits = limits})) {
    server.resource_template({.uri_template = "test://{+name}", .name = "t"},
                             mcp::ResourceHandler());
  }
};

}  // namespace

TEST_CASE("stateless era: how much one connection watches") {
  Watched watched({.watched_resources = 3, .watched_uri_bytes = 10});
  Wire wire(watched.server);
  const std::string too_many =
      "/notifications: the connection would watch more than 3 resources, this server's limit: end "
      "a subscription first";
  CHECK(wire.ask(listen("1", R"(["a","b","c","d"])")) == refused("1", too_many));
  CHECK(wire.ask(listen("1", R"(["a","0123456789x"])")) ==
        refused("1",
                "/notifications/resourceSubscriptions/1: is longer than 10 bytes, this server's "
                "limit for what is watched"));
  CHECK(wire.ask(modern("1", "subscriptions/listen",
                        R"("notifications":{"taskIds":["0123456789x"]})", "{}")) ==
        refused("1",
                "/notifications/taskIds/0: is longer than 10 bytes, "
                "this server's limit for what is watched"));
  CHECK(wire.ask(listen("1", R"(["a","b"])")) == acknowledged("1", R"(["a","b"])"));
  // All subscriptions of a connection count together, until they end.
  CHECK(wire.ask(listen("2", R"(["c","d"])")) == refused("2", too_many));
  CHECK(wire.ask(listen("2", R"(["0123456789"])")) == acknowledged("2", R"(["0123456789"])"));
  CHECK(wire.ask(modern("3", "subscriptions/listen", R"("notifications":{"taskIds":["t"]})")) ==
        refused("3", too_many));
  CHECK(wire.say(cancel("1")).empty());
  CHECK(wire.ask(listen("3", R"(["c","d"])")) == acknowledged("3", R"(["c","d"])"));
  CHECK(Wire(watched.server).ask(listen("1", R"(["a","b"])")) == acknowledged("1", R"(["a","b"])"));
}

TEST_CASE("session era: how much one connection watches") {
  Watched watched({.watched_resources = 2, .watched_uri_bytes = 10});
  Wire wire(watched.server);
  wire.initialize();
  CHECK(wire.ask(subscribe("test://ab")) == subscribed);
  CHECK(wire.ask(subscribe("test://abcd")) ==
        refused("1", "/uri: is longer than 10 bytes, this server's limit for what is watched"));
  CHECK(wire.ask(subscribe("test://c")) == subscribed);
  CHECK(wire.ask(subscribe("test://c")) == subscribed);  // is watched already
  CHECK(wire.ask(subscribe("test://d")) ==
        refused("1",
                "/uri: the connection would watch more than 2 resources, this server's limit: end "
                "a subscription first"));
  CHECK(wire.ask(subscribe("test://c", "unsubscribe")) == subscribed);
  CHECK(wire.ask(subscribe("test://d")) == subscribed);
}

TEST_CASE("what is watched stays charged to the budget of all connections") {
  Watched watched({.in_flight_bytes = 200'000});
  const std::string full = "too many messages are in flight";
  const std::string uris =
      "[\"" + std::string(8000, 'x') + "\",\"" + std::string(8000, 'y') + "\"]";
  const std::string uri = "test://" + std::string(8000, 'z');
  Wire first(watched.server);
  CHECK(first.ask(listen("0", uris)) == acknowledged("0", uris));
  for (int i = 1; i < 13; ++i) first.ask(listen(std::to_string(i), uris));
  {
    Wire second(watched.server);
    // Thirteen times 16,000 bytes do not fit.
    CHECK(second.ask(listen("1", uris)) == busy("1", full));
    CHECK(first.say(cancel("0")).empty());
    second.initialize();
    CHECK(second.ask(subscribe(uri)) == subscribed);
    for (int i = 0; i < 25; ++i) second.ask(subscribe(uri + std::to_string(i)));
    CHECK(second.ask(subscribe(uri + "last")) == busy("1", full));
    CHECK(second.ask(subscribe(uri, "unsubscribe")) == subscribed);
  }
  // What ended, by itself or with its connection, is not charged any more.
  CHECK(first.ask(listen("0", uris)) == acknowledged("0", uris));
}

TEST_CASE("a subscription whose acknowledgement can't go out does not open") {
  Watched watched({});
  struct Slow final : mcp::server::Outlet {
    std::vector<std::string> sent;
    bool full = true;
    bool send(mcp::server::Outbound message) override {
      if (full && message.kind == mcp::server::Outbound::Kind::notification) return false;
      sent.push_back(std::move(message.bytes));
      return true;
    }
  };
  mcp::ManualRuntime runtime;
  const auto engine = mcp::server::Engine::create(watched.server, runtime);
  const auto outlet = std::make_shared<Slow>();
  const auto connection = engine->connect(outlet);
  const auto told = [&] {
    runtime.run();
    return std::exchange(outlet->sent, {});
  };
  connection->receive(listen("1", R"(["test://a"])"));
  CHECK(told() == std::vector<std::string>{
                      busy("1",
                           "the acknowledgement can't be sent: the client has not read what came "
                           "before")});
  outlet->full = false;
  watched.server.resource_updated("test://a");
  CHECK(told().empty());
  // The id is free, and the next try opens it.
  connection->receive(listen("1", R"(["test://a"])"));
  CHECK(told() == std::vector<std::string>{acknowledged("1", R"(["test://a"])")});
  watched.server.resource_updated("test://a");
  CHECK(
      told() ==
      std::vector<std::string>{
          R"({"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":1},"uri":"test://a"}})"});
  connection->close();
  runtime.run();
}

TEST_CASE("middleware can't drop the acknowledgement") {
  Watched watched({});
  watched.server.use_outgoing([](mcp::OutgoingMessage&) { return false; });
  Wire wire(watched.server);
  CHECK(wire.ask(listen("1", R"(["test://a"])")) == acknowledged("1", R"(["test://a"])"));
  watched.server.resource_updated("test://a");
  wire.runtime.run();
  CHECK(wire.heard().empty());
}

TEST_CASE("the author is told of the first client that watches, and of the last one that stops") {
  Watched watched({});
  std::vector<std::string> told;
  mcp::set_watch_handlers(
      watched.server, {.began = [&](const std::string& uri) { told.push_back("began " + uri); },
                       .ended = [&](const std::string& uri) { told.push_back("ended " + uri); }});
  const auto news = [&] { return std::exchange(told, {}); };
  const std::string uri = "test://ab";
  auto first = std::make_unique<Wire>(watched.server);
  first->initialize();
  CHECK(first->ask(subscribe(uri)) == subscribed);
  CHECK(news() == std::vector<std::string>{"began test://ab"});
  CHECK(first->ask(subscribe(uri)) == subscribed);
  Wire second(watched.server);
  CHECK(second.ask(listen("1", R"(["test://ab","test://c"])")) ==
        acknowledged("1", R"(["test://ab","test://c"])"));
  CHECK(news() == std::vector<std::string>{"began test://c"});
  CHECK(first->ask(subscribe(uri, "unsubscribe")) == subscribed);
  CHECK(news().empty());
  CHECK(second.say(cancel("1")).empty());
  CHECK(news() == std::vector<std::string>{"ended test://ab", "ended test://c"});
  CHECK(first->ask(subscribe(uri)) == subscribed);
  CHECK(news() == std::vector<std::string>{"began test://ab"});
  first.reset();  // gone without a word
  CHECK(news() == std::vector<std::string>{"ended test://ab"});
}
