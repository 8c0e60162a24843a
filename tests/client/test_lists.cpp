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
  auto tools = list(stage);
  int pages = 0;
  SUBCASE("the same cursor again, at once or later") {
    stage.answer(stage.hear()["id"], page("a", R"(,"nextCursor":"x")"));
    stage.answer(stage.hear()["id"], page("a", R"(,"nextCursor":"y")"));
    stage.answer(stage.hear()["id"], page("a", R"(,"nextCursor":"x")"));
    CHECK(tools.error().kind() == CallError::Kind::invalid_result);
    CHECK(std::string(tools.error().what()) ==
          "tools/list: invalid result: page 3 has the same nextCursor as an earlier one: the list "
          "has no end");
  }
  SUBCASE("always another cursor") {
    for (Json request = stage.hear(); request != nullptr; request = stage.hear()) {
      ++pages;
      stage.answer(request["id"], page("a", R"(,"nextCursor":")" + std::to_string(pages) + "\""));
    }
    CHECK(pages == 5);
    CHECK(tools.error().kind() == CallError::Kind::limit);
    CHECK(std::string(tools.error().what()) ==
          "tools/list: the list has more than 5 pages (ClientLimits::list_pages)");
  }
  CHECK(stage.hear() == nullptr);
  stage.answer(999, "{}");
  CHECK(stage.violations.size() == 1);  // and the client lives
}

TEST_CASE("a list that grows without bound is given up, whatever makes it grow") {
  ClientOptions options;
  options.limits.list_items = 3;
  options.limits.list_bytes = 100'000;
  options.limits.list_cursor_bytes = 100;
  Stage stage(options);
  stage.go_stateless();
  auto tools = list(stage);
  Json first = stage.hear();
  const std::string more = R"(,"nextCursor":"x")";
  std::string problem;
  SUBCASE("a cursor as long as its limit") {
    stage.answer(first["id"], page("a", R"(,"nextCursor":")" + std::string(100, 'c') + "\""));
    Json second = stage.hear();
    CHECK(second["params"]["cursor"] == std::string(100, 'c'));
    stage.answer(second["id"], page("b", ""));
    CHECK(tools.value().size() == 2);
    return;
  }
  SUBCASE("a cursor that is longer") {
    stage.answer(first["id"], page("a", R"(,"nextCursor":")" + std::string(101, 'c') + "\""));
    problem = "a cursor of 101 bytes; at most 100 are taken (ClientLimits::list_cursor_bytes)";
  }
  SUBCASE("long pages, each of them small enough") {
    const std::string text = std::string(60'000, 'd');
    stage.answer(first["id"], page("a", R"(,"_meta":{"pad":")" + text + "\"}" + more));
    stage.answer(stage.hear()["id"], page("b", R"(,"_meta":{"pad":")" + text + "\"}"));
    problem = "more than 100000 bytes of memory (ClientLimits::list_bytes)";
  }
  SUBCASE("a page that is short as text and large in memory") {
    std::string values;
    for (int i = 0; i < 10'000; ++i) values += "0,";
    stage.answer(first["id"], page("a", R"(,"_meta":{"pad":[)" + values + "0]}"));
    problem = "more than 100000 bytes of memory (ClientLimits::list_bytes)";
  }
  SUBCASE("many items") {
    stage.answer(first["id"], page("a", more));
    const std::string tool = R"({"name":"t","inputSchema":{"type":"object"}})";
    stage.answer(stage.hear()["id"],
                 R"({"resultType":"complete","tools":[)" + tool + "," + tool + "," + tool + "]}");
    problem = "more than 3 items (ClientLimits::list_items)";
  }
  CHECK(tools.error().kind() == CallError::Kind::limit);
  CHECK(std::string(tools.error().what()) == "tools/list: the list has " + problem);
  CHECK(stage.hear() == nullptr);
}

TEST_CASE("all pages of a list have one deadline") {
  ClientOptions options;
  options.limits.list_time = 100s;
  CallOptions call;
  std::string time = "100000 ms; 3 pages had come";
  Duration last_page = 9s;
  SUBCASE("by default") {}
  SUBCASE("the caller's") {
    call.max_timeout = 95s;
    time = "95000 ms; 3 pages had come";
    last_page = 4s;
  }
  Stage stage(options);
  stage.go_session();
  auto tools = list(stage, call);
  for (int i = 0; i < 3; ++i) {
    stage.runtime.advance(30s);  // each answers well within its own time
    stage.answer(stage.hear()["id"], page("a", R"(,"nextCursor":")" + std::to_string(i) + "\""));
  }
  Json fourth = stage.hear();
  CHECK(fourth["method"] == "tools/list");
  stage.runtime.advance(last_page);
  CHECK(tools.empty());
  stage.runtime.advance(1s);
  CHECK(tools.error().kind() == CallError::Kind::timed_out);
  CHECK(std::string(tools.error().what()) == "tools/list: the list did not end within " + time);
  Json cancelled = stage.hear();
  CHECK(cancelled["method"] == "notifications/cancelled");
  CHECK(cancelled["params"]["requestId"] == fourth["id"]);
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

TEST_CASE("what is kept is bounded in number and in memory: the oldest goes first") {
  ClientOptions options;
  SUBCASE("number") {
    options.limits.cache_entries = 2;
  }
  SUBCASE("memory") {
    options.limits.cache_bytes = 100'000;
  }
  Stage stage(options);
  stage.go_stateless();
  auto asked = [&](const std::string& uri) {
    Box<ReadResourceResult> box;
    stage.client->read_resource(uri, {}, box.callback());
    Json request = stage.hear();
    if (request == nullptr) return false;
    stage.answer(
        request["id"],
        R"({"resultType":"complete","ttlMs":60000,"cacheScope":"private","contents":[{"uri":"x:1","text":")" +
            std::string(40'000, 't') + "\"}]}");
    CHECK(box.value().contents.size() == 1);
    return true;
  };
  CHECK(asked("x:1"));
  CHECK(asked("x:2"));
  CHECK_FALSE(asked("x:1"));
  CHECK(asked("x:3"));
  CHECK_FALSE(asked("x:2"));
  CHECK_FALSE(asked("x:3"));
  CHECK(asked("x:1"));
}

TEST_CASE("a result larger than the whole cache is not kept") {
  ClientOptions options;
  options.limits.cache_bytes = 100;
  Stage stage(options);
  stage.go_stateless();
  list(stage);
  stage.answer(stage.hear()["id"], page("a", R"(,"ttlMs":60000,"cacheScope":"public")"));
  list(stage);
  CHECK(stage.hear()["method"] == "tools/list");
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
