#include "scripted_server.h"

using namespace mcp;
using namespace mcp::test;
using namespace std::chrono_literals;

namespace {

const std::string name_form =
    R"({"method":"elicitation/create","params":{"mode":"form","message":"Who?","requestedSchema":
        {"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer","default":30}},
        "required":["name"]}}})";

ClientOptions all_handlers() {
  ClientOptions options;
  options.label = "my server";
  options.handlers.elicit_form = [](const ElicitFormParams&, const InputContext& context) {
    CHECK(context.server.name == "scripted");
    CHECK(context.server_label == "my server");
    return ElicitResult{ElicitAction::accept, {{"name", "Ann"}}};
  };
  options.handlers.sample = [](const CreateMessageParams&, const InputContext&) {
    return CreateMessageResult{.content = {TextContent{"Paris"}}, .model = "m"};
  };
  options.handlers.roots = [](const InputContext&) {
    return std::vector<Root>{{.uri = "file:///home/ann", .name = "home"}};
  };
  return options;
}

}  // namespace

TEST_CASE("handlers declare the capabilities, in both eras") {
  ClientOptions options = all_handlers();
  options.handlers.elicit_url = [](auto&, auto&) { return ElicitAction::accept; };
  options.handlers.sampling_tools = true;
  Stage stage(options);
  Json probe = stage.hear();
  CHECK(
      probe["params"]["_meta"]["io.modelcontextprotocol/clientCapabilities"] ==
      Json::parse(
          R"({"elicitation":{"form":{},"url":{}},"extensions":{"io.modelcontextprotocol/tasks":{}},
                        "roots":{},"sampling":{"tools":{}}})"));
  stage.answer_error(probe["id"], R"({"code":-32601,"message":"no"})");
  CHECK(stage.hear()["params"]["capabilities"] ==
        Json::parse(R"({"elicitation":{"form":{},"url":{}},"roots":{"listChanged":true},
                        "sampling":{"tools":{}}})"));
}

TEST_CASE("stateless: questions of one round are answered together, with the state as it came") {
  Stage stage(all_handlers());
  stage.go_stateless();
  Box<ToolResult> box;
  stage.client->call_tool("greet", {{"a", 1}}, {}, box.callback());
  Json first = stage.hear();
  stage.answer(
      first["id"],
      R"({"resultType":"input_required","requestState":"b\u00e9\n==","inputRequests":{"who":)" +
          name_form +
          R"(,"where":{"method":"sampling/createMessage","params":{"maxTokens":9,"messages":[
        {"role":"user","content":{"type":"text","text":"Capital?"}}]}},"roots":{"method":"roots/list"}}})");
  Json second = stage.hear();
  CHECK(second["method"] == "tools/call");
  CHECK(second["id"] != first["id"]);
  CHECK(second["params"]["arguments"] == Json{{"a", 1}});
  CHECK(second["params"]["requestState"] == "b\u00e9\n==");
  CHECK(second["params"]["inputResponses"] ==
        Json::parse(R"({"who":{"action":"accept","content":{"name":"Ann","age":30}},
            "where":{"role":"assistant","content":{"type":"text","text":"Paris"},"model":"m"},
            "roots":{"roots":[{"uri":"file:///home/ann","name":"home"}]}})"));
  stage.answer(second["id"], R"({"resultType":"complete","content":[]})");
  CHECK(box.ok());
}

TEST_CASE("stateless: no state is sent when none came, and none of it in other calls") {
  Stage stage(all_handlers());
  stage.go_stateless();
  Box<ToolResult> box;
  stage.client->call_tool("greet", Json::object(), {}, box.callback());
  stage.answer(stage.hear()["id"],
               R"({"resultType":"input_required","inputRequests":{"who":)" + name_form + "}}");
  Json second = stage.hear();
  CHECK_FALSE(second["params"].contains("requestState"));
  Box<ToolResult> other;
  stage.client->call_tool("other", Json::object(), {}, other.callback());
  Json unrelated = stage.hear();
  CHECK_FALSE(unrelated["params"].contains("inputResponses"));
  CHECK_FALSE(unrelated["params"].contains("requestState"));
}

TEST_CASE("stateless: answers of an earlier round are not repeated by the client") {
  Stage stage(all_handlers());
  stage.go_stateless();
  Box<ToolResult> box;
  stage.client->call_tool("greet", Json::object(), {}, box.callback());
  stage.answer(stage.hear()["id"],
               R"({"resultType":"input_required","requestState":"1","inputRequests":{"who":)" +
                   name_form + "}}");
  stage.answer(
      stage.hear()["id"],
      R"({"resultType":"input_required","requestState":"2","inputRequests":{"r":{"method":"roots/list"}}})");
  Json third = stage.hear();
  CHECK(third["params"]["requestState"] == "2");
  CHECK(third["params"]["inputResponses"].size() == 1);
  CHECK(third["params"]["inputResponses"].contains("r"));
}

TEST_CASE("stateless: a server that asks for ever is left after 32 rounds") {
  Stage stage(all_handlers());
  stage.go_stateless();
  Box<ToolResult> box;
  stage.client->call_tool("loop", Json::object(), {}, box.callback());
  int calls = 0;
  for (Json call = stage.hear(); call != nullptr; call = stage.hear()) {
    ++calls;
    stage.answer(call["id"], R"({"resultType":"input_required","requestState":"again"})");
  }
  CHECK(calls == 33);
  CHECK(box.error().kind() == CallError::Kind::limit);
}

TEST_CASE("stateless: a server that asks too much at once is refused, and nobody is asked") {
  int asked = 0;
  ClientOptions options;
  options.limits.open_asks = 3;
  options.handlers.roots = [&](auto&) {
    ++asked;
    return std::vector<Root>{};
  };
  Stage stage(options);
  stage.go_stateless();
  Box<ToolResult> box;
  stage.client->call_tool("greedy", Json::object(), {}, box.callback());
  stage.answer(stage.hear()["id"], R"({"resultType":"input_required","inputRequests":{
      "1":{"method":"roots/list"},"2":{"method":"roots/list"},"3":{"method":"roots/list"},
      "4":{"method":"roots/list"}}})");
  CHECK(box.error().kind() == CallError::Kind::limit);
  CHECK(std::string(box.error().what()) ==
        "tools/call: the server asked 4 questions at once; at most 3 are taken "
        "(ClientLimits::open_asks)");
  CHECK(asked == 0);
  CHECK(stage.hear() == nullptr);
}

TEST_CASE("stateless: what can't be an answer is invalid") {
  Stage stage(all_handlers());
  stage.go_stateless();
  Box<Json> box;
  auto call = [&](const char* method, const std::string& result) {
    Box<Json> answer;
    stage.client->request(method, {{"name", "x"}}, {}, answer.callback());
    stage.answer(stage.hear()["id"], result);
    return answer;
  };
  CHECK(call("tools/call", R"({"resultType":"strange"})").error().kind() ==
        CallError::Kind::invalid_result);
  CHECK(call("tools/call", R"({"resultType":"input_required"})").error().kind() ==
        CallError::Kind::invalid_result);
  CHECK(
      call("tools/list", R"({"resultType":"input_required","requestState":"s"})").error().kind() ==
      CallError::Kind::invalid_result);
  CHECK(call("tools/call", R"([])").error().kind() == CallError::Kind::invalid_result);
  CHECK(call("tools/call",
             R"({"resultType":"input_required","inputRequests":{"a":{"method":"x/what"}}})")
            .error()
            .kind() == CallError::Kind::invalid_result);
  CHECK(call("tools/call", R"({"content":[]})").ok());  // absent means complete
}

TEST_CASE("stateless: a question that can't be answered ends the call, not the client") {
  ClientOptions options;
  options.handlers.elicit_form = [](auto&, auto&) -> ElicitResult {
    throw std::runtime_error("the terminal is gone");
  };
  Stage stage(options);
  stage.go_stateless();
  auto ask = [&](const std::string& question) {
    Box<ToolResult> box;
    stage.client->call_tool("x", Json::object(), {}, box.callback());
    stage.answer(stage.hear()["id"],
                 R"({"resultType":"input_required","inputRequests":{"q":)" + question + "}}");
    stage.runtime.run();
    return box;
  };
  auto url = ask(
      R"({"method":"elicitation/create","params":{"mode":"url","message":"m","url":"https://a.example/"}})");
  CHECK(url.error().kind() == CallError::Kind::refused);
  CHECK(url.error().code() == -32602);
  CHECK(ask(R"({"method":"roots/list"})").error().code() == -32601);
  CHECK(ask(name_form).error().code() == -32603);
  CHECK(stage.violations.back() == "an input handler threw: the terminal is gone");
  CHECK(stage.hear() == nullptr);
}

TEST_CASE("stopping a call while the user is asked stops the question") {
  ClientOptions options;
  std::stop_token asked;
  options.handlers.elicit_form = [&](auto&, const InputContext& context) {
    asked = context.stop;
    return ElicitResult{ElicitAction::decline};
  };
  Stage stage(options);
  stage.go_stateless();
  std::stop_source stop;
  Box<ToolResult> box;
  stage.client->call_tool("x", Json::object(), {.stop = stop.get_token()}, box.callback());
  Json call = stage.hear();
  stage.server().say(R"({"jsonrpc":"2.0","id":)" + call["id"].dump() +
                     R"(,"result":{"resultType":"input_required","inputRequests":{"q":)" +
                     name_form + "}}}");
  stage.runtime.run_loop();
  stop.request_stop();
  stage.runtime.run_loop();
  CHECK(box.error().kind() == CallError::Kind::stopped);
  stage.runtime.run();
  CHECK(asked.stop_requested());
  CHECK(stage.hear() == nullptr);  // neither a retry nor a cancel: nothing was on its way
}

TEST_CASE("session: the server's requests are answered by the same handlers") {
  Stage stage(all_handlers());
  stage.go_session();
  stage.say(R"({"jsonrpc":"2.0","id":"e","method":"elicitation/create","params":{"message":"Who?",
      "requestedSchema":{"type":"object","properties":{"name":{"type":"string"},
      "age":{"type":"integer","default":30}},"required":["name"]}}})");
  CHECK(stage.hear() == Json::parse(R"({"jsonrpc":"2.0","id":"e","result":{"action":"accept",
                        "content":{"name":"Ann","age":30}}})"));
  stage.say(R"({"jsonrpc":"2.0","id":7,"method":"sampling/createMessage","params":{"maxTokens":9,
      "messages":[{"role":"user","content":{"type":"text","text":"Capital?"}}]}})");
  CHECK(stage.hear()["result"]["content"]["text"] == "Paris");
  stage.say(R"({"jsonrpc":"2.0","id":8,"method":"roots/list"})");
  CHECK(stage.hear()["result"]["roots"][0]["uri"] == "file:///home/ann");
  stage.say(R"({"jsonrpc":"2.0","id":9,"method":"ping"})");
  CHECK(stage.hear() == Json::parse(R"({"jsonrpc":"2.0","id":9,"result":{}})"));
}

TEST_CASE("session: what the client can't do is an error answer") {
  ClientOptions options;
  options.handlers.elicit_form = [](auto&, auto&) {
    return ElicitResult{ElicitAction::accept, {{"name", 5}}};
  };
  options.handlers.sample = [](auto&, auto&) { return CreateMessageResult{}; };
  Stage stage(options);
  stage.go_session();
  auto code = [&](const std::string& rest) {
    stage.say(R"({"jsonrpc":"2.0","id":1,)" + rest + "}");
    return stage.hear()["error"]["code"];
  };
  CHECK(code(R"("method":"x/unknown")") == -32601);
  CHECK(code(R"("method":"roots/list")") == -32601);
  CHECK(code(R"("method":"elicitation/create","params":{"mode":"url","message":"m",
                "url":"https://a.example/","elicitationId":"1"})") == -32602);
  CHECK(code(R"("method":"elicitation/create","params":{"message":"m"})") == -32602);
  // The handler's answer does not fit the form.
  CHECK(code(R"("method":"elicitation/create","params":{"message":"m","requestedSchema":
      {"type":"object","properties":{"name":{"type":"string"}}}})") == -32603);
  // Tools without the capability, and an unanswered tool use.
  CHECK(code(R"("method":"sampling/createMessage","params":{"maxTokens":1,"messages":[],
      "tools":[{"name":"t","inputSchema":{"type":"object"}}]})") == -32602);
  CHECK(code(R"("method":"sampling/createMessage","params":{"maxTokens":1,"messages":[
      {"role":"assistant","content":{"type":"tool_use","id":"1","name":"t","input":{}}}]})") ==
        -32602);
}

TEST_CASE("session: the server may cancel its question, and gets no answer then") {
  Stage stage(all_handlers());
  stage.go_session();
  stage.server().say(R"({"jsonrpc":"2.0","id":4,"method":"roots/list"})");
  stage.server().say(
      R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":4}})");
  CHECK(stage.hear() == nullptr);
}

TEST_CASE("session: while the user is asked, the server's silence counts for nothing") {
  Stage stage(all_handlers());
  stage.go_session();
  Box<ToolResult> box;
  stage.client->call_tool("x", Json::object(), {}, box.callback());
  Json call = stage.hear();
  stage.runtime.advance(59s);
  stage.say(R"({"jsonrpc":"2.0","id":4,"method":"roots/list"})");
  CHECK(stage.hear()["id"] == 4);
  stage.runtime.advance(59500ms);
  CHECK(box.empty());  // the clock began anew with the answer
  stage.runtime.advance(1s);
  CHECK(box.error().kind() == CallError::Kind::timed_out);
}

TEST_CASE("session: questions stop a call's clock only so often") {
  ClientOptions options = all_handlers();
  options.limits.asks_per_call = 3;
  Stage stage(options);
  stage.go_session();
  Box<ToolResult> box;
  stage.client->call_tool("x", Json::object(), {}, box.callback());
  const Json call = stage.hear();
  auto ask = [&](int id) {
    stage.runtime.advance(50s);
    stage.say(R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"method":"roots/list"})");
    return stage.hear();
  };
  for (int id = 1; id <= 3; ++id) CHECK(ask(id).contains("result"));
  CHECK(ask(4) == Json::parse(R"({"jsonrpc":"2.0","id":4,"error":{"code":-32603,
      "message":"the client answers at most 3 requests during one call"}})"));
  CHECK(box.empty());
  stage.runtime.advance(10s);
  CHECK(box.error().kind() == CallError::Kind::timed_out);
  CHECK(stage.hear()["method"] == "notifications/cancelled");
  CHECK(ask(5).contains("result"));  // no call waits whose clock it could stop
}

TEST_CASE("session: a server that goes on asking all the same loses the call") {
  ClientOptions options = all_handlers();
  options.limits.asks_per_call = 2;
  Stage stage(options);
  stage.go_session();
  Box<ToolResult> box;
  stage.client->call_tool("x", Json::object(), {}, box.callback());
  const Json call = stage.hear();
  int answered = 0;
  int refused = 0;
  for (int id = 1; id <= 5; ++id) {
    stage.say(R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"method":"roots/list"})");
    (stage.hear().contains("result") ? answered : refused) += 1;
  }
  CHECK(answered == 2);
  CHECK(refused == 3);
  CHECK(box.error().kind() == CallError::Kind::limit);
  CHECK(std::string(box.error().what()) ==
        "tools/call: the server asks without end: at most 2 of its requests are answered during "
        "one call (ClientLimits::asks_per_call)");
  const Json cancelled = stage.hear();
  CHECK(cancelled["method"] == "notifications/cancelled");
  CHECK(cancelled["params"]["requestId"] == call["id"]);
}

TEST_CASE("session: each call has its own share of questions") {
  ClientOptions options = all_handlers();
  options.limits.asks_per_call = 1;
  Stage stage(options);
  stage.go_session();
  auto ask = [&](int id) {
    stage.say(R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"method":"roots/list"})");
    return stage.hear();
  };
  Box<ToolResult> first;
  stage.client->call_tool("x", Json::object(), {}, first.callback());
  stage.hear();
  CHECK(ask(1).contains("result"));
  CHECK(ask(2).contains("error"));
  Box<ToolResult> second;
  stage.client->call_tool("y", Json::object(), {}, second.callback());
  stage.hear();
  stage.runtime.advance(59s);
  CHECK(ask(3).contains("result"));  // the second call's, and the first gets no time by it
  stage.runtime.advance(1s);
  CHECK(first.error().kind() == CallError::Kind::timed_out);
  stage.hear();
  stage.runtime.advance(58s);
  CHECK(second.empty());
  stage.runtime.advance(1s);
  CHECK(second.error().kind() == CallError::Kind::timed_out);
}

TEST_CASE("session: an answer that can't be sent is reported") {
  Stage stage(all_handlers());
  stage.go_session();
  stage.pipe_is_full = true;
  stage.say(R"({"jsonrpc":"2.0","id":"r","method":"roots/list"})");
  stage.say(R"({"jsonrpc":"2.0","id":9,"method":"ping"})");
  stage.client->notify("notifications/x");
  stage.runtime.run();
  CHECK(stage.violations ==
        std::vector<std::string>{
            "the answer to the server's request \"r\" was not sent: the server does not read, or "
            "is going away",
            "the answer to the server's request 9 was not sent: the server does not read, or is "
            "going away",
            "notifications/x was not sent: the server does not read, or is going away"});
  stage.pipe_is_full = false;
  stage.say(R"({"jsonrpc":"2.0","id":"r","method":"roots/list"})");
  CHECK(stage.hear()["id"] == "r");  // the id is free again
}

TEST_CASE("stateless: a state that is too large ends the call, the largest allowed comes back") {
  ClientOptions options;
  options.limits.request_state_bytes = 1000;
  Stage stage(options);
  stage.go_stateless();
  auto call = [&](std::size_t bytes) {
    Box<ToolResult> box;
    stage.client->call_tool("x", Json::object(), {}, box.callback());
    stage.answer(stage.hear()["id"], R"({"resultType":"input_required","requestState":")" +
                                         std::string(bytes, 's') + "\"}");
    return box;
  };
  Box<ToolResult> refused = call(1001);
  CHECK(refused.error().kind() == CallError::Kind::limit);
  CHECK(std::string(refused.error().what()) ==
        "tools/call: the server's requestState has 1001 bytes; at most 1000 are taken "
        "(ClientLimits::request_state_bytes)");
  CHECK(stage.hear() == nullptr);
  CHECK(call(1000).empty());
  CHECK(stage.hear()["params"]["requestState"] == std::string(1000, 's'));
}

namespace {

/// A form that carries so many bytes which nobody asked for.
std::string heavy_form(std::size_t bytes) {
  return R"({"mode":"form","message":"Who?","requestedSchema":{"type":"object","properties":{},"x":")" +
         std::string(bytes, 'x') + "\"}}";
}

std::string ask_with(int id, std::size_t bytes) {
  return R"({"jsonrpc":"2.0","id":)" + std::to_string(id) +
         R"(,"method":"elicitation/create","params":)" + heavy_form(bytes) + "}";
}

std::string heavy_question(std::size_t bytes) {
  return R"({"method":"elicitation/create","params":)" + heavy_form(bytes) + "}";
}

ClientOptions accepting(std::size_t ask_bytes) {
  ClientOptions options;
  options.limits.ask_bytes = ask_bytes;
  options.handlers.elicit_form = [](auto&, auto&) { return ElicitResult{ElicitAction::accept}; };
  return options;
}

}  // namespace

TEST_CASE("session: questions that wait hold so many bytes, the next one is refused") {
  Stage stage(accepting(10'000));
  stage.go_session();
  Box<ToolResult> box;
  stage.client->call_tool("x", Json::object(), {}, box.callback());
  const Json call = stage.hear();
  stage.server().say(ask_with(1, 6000));
  stage.server().say(ask_with(2, 6000));
  stage.server().say(ask_with(3, 100));
  const Json refused = stage.hear();
  CHECK(refused["id"] == 2);
  CHECK(refused["error"]["code"] == -32603);
  CHECK(refused["error"]["message"] ==
        "the client is busy: what it is asked may take at most 10000 bytes of memory at a time "
        "(ClientLimits::ask_bytes)");
  CHECK(stage.hear()["result"]["action"] == "accept");
  CHECK(stage.hear()["result"]["action"] == "accept");
  stage.say(ask_with(4, 6000));  // what was answered is held no more
  CHECK(stage.hear()["result"]["action"] == "accept");
  stage.say(ask_with(5, 12000));
  CHECK(stage.hear()["error"]["code"] == -32603);
  stage.answer(call["id"], R"({"content":[]})");
  CHECK(box.ok());
}

TEST_CASE("session: a question that the server takes back counts until the handler is done") {
  Stage stage(accepting(10'000));
  stage.go_session();
  stage.server().say(ask_with(1, 6000));
  stage.server().say(
      R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})");
  stage.server().say(ask_with(2, 6000));
  CHECK(stage.hear()["error"]["code"] == -32603);
  CHECK(stage.hear() == nullptr);
  stage.say(ask_with(3, 6000));
  CHECK(stage.hear()["result"]["action"] == "accept");
}

TEST_CASE("stateless: questions past the bytes end their call, and no other") {
  Stage stage(accepting(10'000));
  stage.go_stateless();
  Box<ToolResult> first;
  Box<ToolResult> second;
  stage.client->call_tool("first", Json::object(), {}, first.callback());
  stage.client->call_tool("second", Json::object(), {}, second.callback());
  const Json first_call = stage.hear();
  const Json second_call = stage.hear();
  auto ask = [&](const Json& call) {
    stage.server().say(R"({"jsonrpc":"2.0","id":)" + call["id"].dump() +
                       R"(,"result":{"resultType":"input_required","inputRequests":{"a":)" +
                       heavy_question(3000) + R"(,"b":)" + heavy_question(3000) + "}}}");
  };
  ask(first_call);
  ask(second_call);
  const Json again = stage.hear();
  CHECK(again["params"]["name"] == "first");
  CHECK(again["params"]["inputResponses"].size() == 2);
  CHECK(second.error().kind() == CallError::Kind::limit);
  CHECK(std::string(second.error().what()) ==
        "tools/call: not answered: what the client is asked may take at most 10000 bytes of memory "
        "at a time (ClientLimits::ask_bytes)");
  stage.answer(again["id"], R"({"resultType":"complete","content":[]})");
  CHECK(first.ok());
}

TEST_CASE("-32042: pages that take too many bytes are not shown") {
  ClientOptions options;
  options.limits.ask_bytes = 10'000;
  std::vector<std::string> shown;
  options.handlers.elicit_url = [&](const ElicitUrlParams& page, const InputContext&) {
    shown.push_back(page.url);
    return ElicitAction::accept;
  };
  Stage stage(options);
  stage.go_session();
  auto call = [&](std::size_t bytes) {
    Box<ToolResult> box;
    stage.client->call_tool("pay", Json::object(), {}, box.callback());
    stage.answer_error(stage.hear()["id"], R"({"code":-32042,"message":"v","data":{"x":")" +
                                               std::string(bytes, 'x') +
                                               R"(","elicitations":[{"mode":"url",
        "elicitationId":"p1","url":"https://a.example/","message":"Pay"}]}})");
    stage.runtime.run();
    return box;
  };
  const Box<ToolResult> refused = call(12'000);
  CHECK(refused.error().code() == -32042);
  CHECK(shown.empty());
  CHECK(call(6000).empty());
  CHECK(shown.size() == 1);
  // The first page is being visited: it counts.
  CHECK(call(6000).error().code() == -32042);
  CHECK(shown.size() == 1);
}

TEST_CASE("stateless: a server that sends a request gets no answer") {
  Stage stage(all_handlers());
  stage.go_stateless();
  stage.say(R"({"jsonrpc":"2.0","id":1,"method":"roots/list"})");
  stage.say(R"({"jsonrpc":"2.0","id":2,"method":"ping"})");
  CHECK(stage.hear() == nullptr);
  CHECK(stage.violations.size() == 2);
}

TEST_CASE("-32042: the user visits the page, the server says done, the call is repeated once") {
  ClientOptions options;
  std::vector<std::string> shown;
  options.handlers.elicit_url = [&](const ElicitUrlParams& page, const InputContext& context) {
    shown.push_back(context.server.name + " " + page.url);
    return page.url.ends_with("no") ? ElicitAction::decline : ElicitAction::accept;
  };
  Stage stage(options);
  stage.go_session();
  Box<ToolResult> box;
  stage.client->call_tool("pay", Json::object(), {}, box.callback());
  auto refuse = [&](const Json& id, const std::string& url) {
    stage.answer_error(id, R"({"code":-32042,"message":"visit first","data":{"elicitations":[
        {"mode":"url","elicitationId":"p1","url":")" +
                               url + R"(","message":"Pay"}]}})");
  };
  Json first = stage.hear();
  SUBCASE("done") {
    refuse(first["id"], "https://pay.example/a?b=c");
    CHECK(shown == std::vector<std::string>{"scripted https://pay.example/a?b=c"});
    CHECK(stage.hear() == nullptr);
    stage.say(
        R"({"jsonrpc":"2.0","method":"notifications/elicitation/complete","params":{"elicitationId":"p1"}})");
    Json second = stage.hear();
    CHECK(second["method"] == "tools/call");
    CHECK(second["id"] != first["id"]);
    refuse(second["id"], "https://pay.example/a?b=c");
    CHECK(box.error().code() == -32042);  // not a second time
    CHECK(shown.size() == 1);
  }
  SUBCASE("declined") {
    refuse(first["id"], "https://pay.example/no");
    stage.runtime.run();
    CHECK(box.error().code() == -32042);
    CHECK(stage.hear() == nullptr);
  }
  SUBCASE("never done") {
    refuse(first["id"], "https://pay.example/a");
    stage.runtime.advance(10min);
    CHECK(box.error().code() == -32042);
  }
}

TEST_CASE("-32042: the user may say that the page is done") {
  ClientOptions options;
  options.handlers.elicit_url = [](auto&, auto&) { return ElicitAction::accept; };
  options.handlers.url_finished = [](auto&, auto&) { return true; };
  Stage stage(options);
  stage.go_session();
  Box<ToolResult> box;
  stage.client->call_tool("pay", Json::object(), {}, box.callback());
  stage.answer_error(stage.hear()["id"], R"({"code":-32042,"message":"v","data":{"elicitations":[
        {"mode":"url","elicitationId":"p1","url":"https://a.example/","message":"Pay"}]}})");
  CHECK(stage.hear()["method"] == "tools/call");
}
