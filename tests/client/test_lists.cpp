#include "scripted_server.h"

using namespace mcp;
using namespace mcp::test;
using namespace std::chrono_literals;

namespace {

std::string page(const std::string& tool, const std::string& rest) {
  return R"({"resultType":"complete","tools":[{"name":")" + tool +
         R"(","inputSchema":{"type":"object"}}])" + rest + "}";
}

Box<std::vector<Tool>> list(Stage& stage, const CallOptions& options = {}) {
  Box<std::vector<Tool>> box;
  stage.client->list_tools(options, box.callback());
  stage.runtime.run();
  return box;
}

}  // namespace

TEST_CASE("all pages are fetched; an empty cursor is a cursor") {
  Stage stage;
  stage.go_session();
  auto tools = list(stage);
  Json first = stage.hear();
  CHECK(first.value("params", Json::object()) == Json::object());
  stage.answer(first["id"], page("a", R"(,"nextCursor":"")"));
  Json second = stage.hear();
  CHECK(second["params"] == Json{{"cursor", ""}});
  stage.answer(second["id"], page("b", R"(,"nextCursor":"x")"));
  Json third = stage.hear();
  CHECK(third["params"] == Json{{"cursor", "x"}});
  stage.answer(third["id"], page("c", ""));
  REQUIRE(tools.value().size() == 3);
  CHECK(tools.value()[2].name == "c");
}

TEST_CASE("a list without end is given up") {
  ClientOptions options;
  options.limits.list_pages = 5;
  Stage stage(options);
  stage.go_stateless();
  SUBCASE("the same cursor again") {
    auto tools = list(stage);
    stage.answer(stage.hear()["id"], page("a", R"(,"nextCursor":"x")"));
    stage.answer(stage.hear()["id"], page("a", R"(,"nextCursor":"x")"));
    CHECK(tools.error().kind() == CallError::Kind::invalid_result);
  }
  SUBCASE("always another cursor") {
    auto tools = list(stage);
    int pages = 0;
    for (Json request = stage.hear(); request != nullptr; request = stage.hear()) {
      ++pages;
      stage.answer(request["id"], page("a", R"(,"nextCursor":")" + std::to_string(pages) + "\""));
    }
    CHECK(pages == 5);
    CHECK(tools.error().kind() == CallError::Kind::limit);
  }
}

TEST_CASE("a malformed page is the server's fault, and says where") {
  Stage stage;
  stage.go_stateless();
  auto tools = list(stage);
  stage.answer(stage.hear()["id"], R"({"resultType":"complete","tools":[{"name":5}]})");
  CHECK(tools.error().kind() == CallError::Kind::invalid_result);
  CHECK(std::string(tools.error().what()).find("/tools/0/name") != std::string::npos);
}

TEST_CASE("a list is kept for its ttlMs, until it changes") {
  Stage stage;
  stage.go_stateless();
  const std::string minute = R"(,"ttlMs":60000,"cacheScope":"public")";
  list(stage);
  stage.answer(stage.hear()["id"], page("a", minute));
  stage.runtime.advance(59999ms);
  CHECK(list(stage).value().at(0).name == "a");
  CHECK(stage.hear() == nullptr);
  SUBCASE("the time is over") {
    stage.runtime.advance(1ms);
    list(stage);
    CHECK(stage.hear()["method"] == "tools/list");
  }
  SUBCASE("it changes") {
    stage.say(R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})");
    list(stage);
    CHECK(stage.hear()["method"] == "tools/list");
  }
  SUBCASE("another list changes") {
    stage.say(R"({"jsonrpc":"2.0","method":"notifications/prompts/list_changed"})");
    CHECK(list(stage).ok());
  }
  SUBCASE("the caller wants it fresh") {
    list(stage, {.use_cache = false});
    CHECK(stage.hear()["method"] == "tools/list");
  }
}

TEST_CASE("nothing is kept without ttlMs, in the session era, or when the cache is off") {
  ClientOptions options;
  std::string hints = R"(,"ttlMs":60000,"cacheScope":"public")";
  bool session = false;
  SUBCASE("no ttl") {
    hints = "";
  }
  SUBCASE("zero") {
    hints = R"(,"ttlMs":0,"cacheScope":"public")";
  }
  SUBCASE("session") {
    session = true;
  }
  SUBCASE("off") {
    options.cache = false;
  }
  Stage stage(options);
  session ? stage.go_session() : stage.go_stateless();
  list(stage);
  stage.answer(stage.hear()["id"], page("a", hints));
  list(stage);
  CHECK(stage.hear()["method"] == "tools/list");
}

TEST_CASE("pages that differ in cacheScope are not kept") {
  Stage stage;
  stage.go_stateless();
  auto tools = list(stage);
  stage.answer(stage.hear()["id"],
               page("a", R"(,"nextCursor":"2","ttlMs":60000,"cacheScope":"public")"));
  stage.answer(stage.hear()["id"], page("b", R"(,"ttlMs":60000,"cacheScope":"private")"));
  CHECK(tools.value().size() == 2);
  CHECK(stage.violations.size() == 1);
  list(stage);
  CHECK(stage.hear()["method"] == "tools/list");
}

TEST_CASE("a cursor from the cache that has expired: the list is fetched from its beginning") {
  Stage stage;
  stage.go_stateless();
  const std::string first = R"(,"nextCursor":"2","ttlMs":60000,"cacheScope":"public")";
  list(stage);
  stage.answer(stage.hear()["id"], page("a", first));
  stage.answer(stage.hear()["id"], page("b", R"(,"ttlMs":1,"cacheScope":"public")"));
  stage.runtime.advance(1s);
  auto again = list(stage);
  Json second = stage.hear();
  CHECK(second["params"]["cursor"] == "2");
  stage.answer_error(second["id"], R"({"code":-32602,"message":"invalid cursor"})");
  Json fresh = stage.hear();
  CHECK_FALSE(fresh["params"].contains("cursor"));
  stage.answer(fresh["id"], page("c", ""));
  CHECK(again.value().at(0).name == "c");
}

TEST_CASE(
    "a read is kept by its URI, and dropped when the resource changes or answers were needed") {
  ClientOptions options;
  options.handlers.roots = [](auto&) { return std::vector<Root>{}; };
  Stage stage(options);
  stage.go_stateless();
  auto read = [&](const char* uri) {
    Box<ReadResourceResult> box;
    stage.client->read_resource(uri, {}, box.callback());
    stage.runtime.run();
    return box;
  };
  const std::string contents =
      R"({"resultType":"complete","ttlMs":60000,"cacheScope":"private","contents":[{"uri":"x:1","text":"t"}]})";
  read("x:1");
  stage.answer(stage.hear()["id"], contents);
  CHECK(read("x:1").value().contents.at(0).text == "t");
  CHECK(stage.hear() == nullptr);
  read("x:2");
  Json other = stage.hear();
  CHECK(other["params"]["uri"] == "x:2");
  stage.answer(other["id"], R"({"resultType":"input_required","requestState":"s"})");
  stage.answer(stage.hear()["id"], contents);
  read("x:2");
  CHECK(stage.hear()["params"]["uri"] == "x:2");  // not kept
  stage.say(
      R"({"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"x:1"}})");
  read("x:1");
  CHECK(stage.hear()["params"]["uri"] == "x:1");
}

TEST_CASE("completion and prompts go out as the revision wants them") {
  Stage stage;
  stage.go_session();
  Box<CompleteResult> values;
  stage.client->complete({.ref = PromptReference{"p"}, .argument_name = "a", .argument_value = "x"},
                         {}, values.callback());
  Json request = stage.hear();
  CHECK(request["method"] == "completion/complete");
  CHECK(request["params"] == Json::parse(R"({"ref":{"type":"ref/prompt","name":"p"},
                                             "argument":{"name":"a","value":"x"}})"));
  stage.answer(request["id"], R"({"completion":{"values":["xy"],"hasMore":false}})");
  CHECK(values.value().values == std::vector<std::string>{"xy"});
  Box<PromptResult> prompt;
  stage.client->get_prompt({"p", {{"a", "xy"}}}, {}, prompt.callback());
  request = stage.hear();
  CHECK(request["params"] == Json::parse(R"({"name":"p","arguments":{"a":"xy"}})"));
  stage.answer(request["id"],
               R"({"messages":[{"role":"user","content":{"type":"text","text":"hi"}}]})");
  CHECK(to_text(prompt.value().messages.at(0).content) == "hi");
}
