#include "scripted_server.h"

using namespace mcp;
using namespace mcp::test;
using namespace std::chrono_literals;

namespace {

std::string describe(const Change& change) {
  if (auto* list = std::get_if<ListChanged>(&change)) {
    return "list " + std::to_string(static_cast<int>(list->list));
  }
  if (auto* updated = std::get_if<ResourceUpdated>(&change)) return "updated " + updated->uri;
  if (std::holds_alternative<SubscriptionRenewed>(change)) return "renewed";
  return "ended";
}

struct Listener {
  std::function<void(const Change&)> on_change() {
    return [this](const Change& change) { heard.push_back(describe(change)); };
  }
  std::vector<std::string> heard;
  Box<Subscription> box;
};

const SubscriptionFilter both{.tools_list_changed = true, .resource_subscriptions = {"x:1"}};

void acknowledge(Stage& stage, const Json& listen, const std::string& filter) {
  stage.say(R"({"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{
      "notifications":)" +
            filter + R"(,"_meta":{"io.modelcontextprotocol/subscriptionId":)" +
            listen["id"].dump() + "}}}");
}

void tell(Stage& stage, const std::string& method, const Json& id, const std::string& more = "") {
  stage.say(R"({"jsonrpc":"2.0","method":")" + method + R"(","params":{)" + more +
            R"("_meta":{"io.modelcontextprotocol/subscriptionId":)" + id.dump() + "}}}");
}

}  // namespace

TEST_CASE("stateless: a subscription is a listen request, acknowledged and told apart by its id") {
  Stage stage;
  stage.go_stateless();
  Listener listener;
  stage.client->subscribe(both, listener.on_change(), {}, listener.box.callback());
  Json listen = stage.hear();
  CHECK(listen["method"] == "subscriptions/listen");
  CHECK(listen["params"]["notifications"] ==
        Json::parse(R"({"toolsListChanged":true,"resourceSubscriptions":["x:1"]})"));
  CHECK(listen["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] == "2026-07-28");
  CHECK(listener.box.empty());
  // Nothing counts before the acknowledgement.
  tell(stage, "notifications/tools/list_changed", listen["id"]);
  CHECK(listener.heard.empty());
  CHECK(stage.violations.size() == 1);
  acknowledge(stage, listen, R"({"toolsListChanged":true})");
  CHECK(listener.box.value().honored().tools_list_changed);
  CHECK(listener.box.value().honored().resource_subscriptions.empty());

  tell(stage, "notifications/tools/list_changed", listen["id"]);
  CHECK(listener.heard == std::vector<std::string>{"list 0"});
  // Another subscription's id, none, and what was not agreed.
  tell(stage, "notifications/tools/list_changed", 999);
  stage.say(R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})");
  tell(stage, "notifications/resources/updated", listen["id"], R"("uri":"x:1",)");
  CHECK(listener.heard.size() == 1);
  CHECK(stage.violations.size() == 4);

  stage.runtime.advance(24h);  // it may be silent for as long as it likes
  listener.box.value().end();
  Json cancelled = stage.hear();
  CHECK(cancelled["method"] == "notifications/cancelled");
  CHECK(cancelled["params"]["requestId"] == listen["id"]);
  stage.answer(listen["id"], R"({"resultType":"complete"})");
  CHECK(listener.heard.size() == 1);
}

TEST_CASE("stateless: the server may refuse, stay silent or end it") {
  Stage stage;
  stage.go_stateless();
  Listener listener;
  stage.client->subscribe(both, listener.on_change(), {}, listener.box.callback());
  Json listen = stage.hear();
  SUBCASE("refuse") {
    stage.answer_error(listen["id"], R"({"code":-32601,"message":"no subscriptions"})");
    CHECK(listener.box.error().code() == -32601);
  }
  SUBCASE("stay silent") {
    stage.runtime.advance(60s);
    CHECK(listener.box.error().kind() == CallError::Kind::timed_out);
    CHECK(stage.hear()["method"] == "notifications/cancelled");
  }
  SUBCASE("end it with a result") {
    acknowledge(stage, listen, R"({"toolsListChanged":true})");
    stage.answer(listen["id"], R"({"resultType":"complete"})");
    CHECK(listener.heard == std::vector<std::string>{"ended"});
  }
  SUBCASE("end it with a cancel and a result") {
    acknowledge(stage, listen, R"({"toolsListChanged":true})");
    stage.say(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":)" +
              listen["id"].dump() + "}}");
    stage.answer(listen["id"], R"({"resultType":"complete"})");
    CHECK(listener.heard == std::vector<std::string>{"ended"});
    CHECK(stage.violations.empty());
  }
}

TEST_CASE("stateless: after a restart the listen request is sent again, with a new id") {
  Stage stage(Stage::Reopening{});
  stage.go_stateless();
  Listener listener;
  stage.client->subscribe(both, listener.on_change(), {}, listener.box.callback());
  Json listen = stage.hear();
  acknowledge(stage, listen, R"({"toolsListChanged":true})");
  stage.server().die();
  stage.runtime.run();
  REQUIRE(stage.servers.size() == 2);  // a subscription is a standing wish: no call is needed
  stage.go_stateless();
  Json again = stage.hear();
  CHECK(again["method"] == "subscriptions/listen");
  CHECK(again["id"] != listen["id"]);
  acknowledge(stage, again, R"({"toolsListChanged":true})");
  tell(stage, "notifications/tools/list_changed", again["id"]);
  CHECK(listener.heard == std::vector<std::string>{"renewed", "list 0"});
}

TEST_CASE(
    "session: the same subscription is a request a URI, shared, and list changes for nothing") {
  Stage stage;
  stage.go_session();
  Listener one, two;
  stage.client->subscribe(both, one.on_change(), {}, one.box.callback());
  Json subscribe = stage.hear();
  CHECK(subscribe["method"] == "resources/subscribe");
  CHECK(subscribe["params"] == Json::parse(R"({"uri":"x:1"})"));
  stage.answer(subscribe["id"], "{}");
  CHECK(one.box.value().honored() == both);
  stage.client->subscribe({.prompts_list_changed = true, .resource_subscriptions = {"x:1"}},
                          two.on_change(), {}, two.box.callback());
  stage.answer(stage.hear()["id"], "{}");
  CHECK_FALSE(two.box.value().honored().prompts_list_changed);  // not declared by the server

  stage.say(R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})");
  stage.say(
      R"({"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"x:1"}})");
  CHECK(one.heard == std::vector<std::string>{"list 0", "updated x:1"});
  CHECK(two.heard == std::vector<std::string>{"updated x:1"});

  one.box.value().end();
  CHECK(stage.hear() == nullptr);  // the other still wants it
  two.box.value().end();
  Json unsubscribe = stage.hear();
  CHECK(unsubscribe["method"] == "resources/unsubscribe");
  CHECK(unsubscribe["params"] == Json::parse(R"({"uri":"x:1"})"));
}

TEST_CASE("session: a URI that the server refuses is not honored; a restart subscribes again") {
  Stage stage(Stage::Reopening{});
  stage.go_session();
  Listener listener;
  stage.client->subscribe({.resource_subscriptions = {"x:1", "x:2"}}, listener.on_change(), {},
                          listener.box.callback());
  stage.answer(stage.hear()["id"], "{}");
  stage.answer_error(stage.hear()["id"], R"({"code":-32002,"message":"no such resource"})");
  CHECK(listener.box.value().honored().resource_subscriptions == std::vector<std::string>{"x:1"});
  stage.server().die();
  stage.runtime.run();
  REQUIRE(stage.servers.size() == 2);
  stage.go_session();
  CHECK(stage.hear()["method"] == "resources/subscribe");
}

TEST_CASE("closing the client ends its subscriptions, and their handles may outlive it") {
  Listener listener;
  Subscription handle;
  {
    Stage stage;
    stage.go_stateless();
    stage.client->subscribe(both, listener.on_change(), {}, listener.box.callback());
    Json listen = stage.hear();
    acknowledge(stage, listen, R"({"toolsListChanged":true})");
    handle = std::move(listener.box.value());
    stage.client->close(nullptr);
    stage.runtime.run();
    CHECK(listener.heard == std::vector<std::string>{"ended"});
  }
  handle.end();
}
