#include <doctest/doctest.h>

#include <map>
#include <stdexcept>

#include <client/model/anthropic_messages.h>
#include <client/model/foreign_json.h>
#include <client/model/gateway_choice.h>
#include <client/model/model_access.h>
#include <client/model/openai_chat.h>
#include <mcp/jsonrpc/codec.h>

#include "fake_gateway.h"

using namespace fairlead::agent;
using std::chrono::milliseconds;

namespace {

/// Writes down what is heard, one line each.
class Notes : public ModelListener {
 public:
  std::string heard;
  void text(std::string_view delta) override { add("text", delta); }
  void thinking(std::string_view delta) override { add("thinking", delta); }
  void tool_call_started(const std::string& id, const std::string& name) override {
    add("call", id + " " + name);
  }
  void tool_call_arguments(const std::string& id, std::string_view delta) override {
    add("arguments", id + " " + std::string(delta));
  }
  void tool_call_finished(const ToolCall& call) override { add("finished", call.id); }
  void usage(const Usage& usage) override {
    add("usage", std::to_string(usage.input_tokens) + " " + std::to_string(usage.output_tokens));
  }
  void finished(FinishReason reason) override { add("end", to_string(reason)); }
  void retrying(int attempt, milliseconds delay, const ModelError& error) override {
    add("retry", std::to_string(attempt) + " " + std::to_string(delay.count()) + " " +
                     to_string(error.kind()));
  }

 private:
  void add(const char* what, std::string_view detail) {
    heard += std::string(what) + ": " + std::string(detail) + "\n";
  }
};

/// No waiting, and the middle of every jitter.
ModelClock still_clock() {
  return {[](milliseconds, std::stop_token stop) { return !stop.stop_requested(); },
          [] { return 0.5; }, [] { return std::chrono::system_clock::from_time_t(784'111'777); },
          [] { return std::chrono::steady_clock::time_point(); }};
}

GatewayOptions at(const FakeGateway& gateway) {
  GatewayOptions options;
  options.base_url = gateway.url();
  options.api_key = "sk-secret";
  options.model = "m-1";
  return options;
}

std::unique_ptr<Model> openai(const FakeGateway& gateway, int tries = 3) {
  AccessOptions options;
  options.retry.tries = tries;
  return make_single_model(make_openai_chat(at(gateway), still_clock()), options, still_clock());
}

std::unique_ptr<Model> anthropic(const FakeGateway& gateway, int tries = 3) {
  AccessOptions options;
  options.retry.tries = tries;
  return make_single_model(make_anthropic_messages(at(gateway), still_clock()), options,
                           still_clock());
}

ModelRequest hello(bool stream = true) {
  ModelRequest request;
  request.messages = {text_message(Role::system, "Be brief."), text_message(Role::user, "Hello")};
  request.stream = stream;
  return request;
}

ModelError failure(Model& model, const ModelRequest& request, Notes& notes) {
  try {
    model.reply(request, notes, {});
  } catch (const ModelError& error) {
    return error;
  }
  throw std::runtime_error("the call did not fail");
}

const std::string openai_stream =
    "data: {\"model\":\"m-1x\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\","
    "\"content\":\"\"},\"finish_reason\":null}]}\n\n"
    "data: {\"choices\":[{\"delta\":{\"content\":\"Grüß \"}}]}\n\n"
    "data: {\"choices\":[{\"delta\":{\"content\":\"dich\"}}]}\n\n"
    "data: "
    "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"type\":\"function\","
    "\"function\":{\"name\":\"one\",\"arguments\":\"\"}}]}}]}\n\n"
    "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":"
    "\"{\\\"x\\\"\"}}]}}]}\n\n"
    "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":1,\"id\":\"b\",\"function\":"
    "{\"name\":\"two\",\"arguments\":\"{}\"}},{\"index\":0,\"function\":{\"arguments\":\":1}\"}}]}}"
    "]}\n\n"
    "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\n"
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":7}}\n\n"
    "data: [DONE]\n\n";

const std::string openai_notes =
    "text: Grüß \ntext: dich\ncall: a one\narguments: a {\"x\"\ncall: b two\narguments: b {}\n"
    "arguments: a :1}\nfinished: a\nfinished: b\nusage: 11 7\nend: tool_calls\n";

const std::string anthropic_stream =
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"model\":\"c-1\","
    "\"usage\":{\"input_tokens\":25,\"output_tokens\":1}}}\n\n"
    "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,"
    "\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}}\n\n"
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":"
    "{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}}\n\n"
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":"
    "{\"type\":\"signature_delta\",\"signature\":\"S==\"}}\n\n"
    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
    "event: ping\ndata: {\"type\":\"ping\"}\n\n"
    "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":1,"
    "\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":"
    "{\"type\":\"text_delta\",\"text\":\"Hi\"}}\n\n"
    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":1}\n\n"
    "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":2,"
    "\"content_block\":{\"type\":\"tool_use\",\"id\":\"t1\",\"name\":\"one\",\"input\":{}}}\n\n"
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":2,\"delta\":"
    "{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"x\\\": \"}}\n\n"
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":2,\"delta\":"
    "{\"type\":\"input_json_delta\",\"partial_json\":\"1}\"}}\n\n"
    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":2}\n\n"
    "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":"
    "\"tool_use\"},\"usage\":{\"output_tokens\":15}}\n\n"
    "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

const std::string anthropic_notes =
    "thinking: hm\ntext: Hi\ncall: t1 one\narguments: t1 {\"x\": \narguments: t1 1}\n"
    "finished: t1\nusage: 25 15\nend: tool_calls\n";

}  // namespace

TEST_CASE("OpenAI: the request carries what the format asks for") {
  FakeGateway gateway({{{stream_head(), openai_stream}}});
  ModelRequest request = hello();
  request.tools = {{"one", "Does one", {{"type", "object"}}}};
  request.messages.push_back({Role::assistant,
                              {Text{"Wait"}, Thinking{"anthropic", {{"type", "thinking"}}},
                               ToolCall{"a", "one", "{\"x\":1}"}, ToolCall{"b", "two", "{"}}});
  request.messages.push_back({Role::user,
                              {ToolResult{"a", {Text{"1"}, Image{"image/png", "AAAA"}}, false},
                               ToolResult{"b", {Text{"bad arguments"}}, true}}});
  Notes notes;
  openai(gateway)->reply(request, notes, {});
  const std::string head = gateway.requests().at(0);
  CHECK(head.starts_with("POST /v1/chat/completions HTTP/1.1\r\n"));
  CHECK(head.find("Authorization: Bearer sk-secret\r\n") != std::string::npos);
  const Json body = Json::parse(gateway.body(0));
  CHECK(body["model"] == "m-1");
  CHECK(body["stream"] == true);
  CHECK(body["stream_options"] == Json{{"include_usage", true}});
  const Json tools = Json::parse(R"([{"type": "function", "function": {"name": "one",
      "description": "Does one", "parameters": {"type": "object"}}}])");
  CHECK(body["tools"] == tools);
  const Json messages = Json::parse(R"j([
      {"role": "system", "content": "Be brief."},
      {"role": "user", "content": "Hello"},
      {"role": "assistant", "content": "Wait", "tool_calls": [
        {"id": "a", "type": "function", "function": {"name": "one", "arguments": "{\"x\":1}"}},
        {"id": "b", "type": "function", "function": {"name": "two", "arguments": "{"}}]},
      {"role": "tool", "tool_call_id": "a", "content": "1\n(the image follows)"},
      {"role": "tool", "tool_call_id": "b", "content": "Error: bad arguments"},
      {"role": "user", "content": [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]}])j");
  CHECK(body["messages"] == messages);
}

TEST_CASE("OpenAI: a stream is the same answer wherever it is cut") {
  for (std::size_t step = 1; step < 60; step += 7) {
    CAPTURE(step);
    FakeGateway::Script script{{stream_head()}};
    for (std::size_t i = 0; i < openai_stream.size(); i += step) {
      script.writes.push_back(openai_stream.substr(i, step));
    }
    FakeGateway gateway({script});
    Notes notes;
    const ModelReply reply = openai(gateway)->reply(hello(), notes, {});
    CHECK(notes.heard == openai_notes);
    CHECK(text_of(reply.message) == "Grüß dich");
    CHECK(reply.model == "m-1x");
    const auto calls = tool_calls_of(reply.message);
    REQUIRE(calls.size() == 2);
    CHECK(calls[0].arguments == "{\"x\":1}");
    CHECK(calls[1].name == "two");
  }
}

TEST_CASE("OpenAI: an answer in one piece, asked for or not") {
  const std::string body =
      R"({"model":"m","choices":[{"message":{"role":"assistant","content":"Hi",
      "tool_calls":[{"id":"a","type":"function","function":{"name":"one","arguments":"{}"}}]},
      "finish_reason":"tool_calls"}],"usage":{"prompt_tokens":3,"completion_tokens":2,
      "prompt_tokens_details":{"cached_tokens":1}}})";
  for (const bool stream : {false, true}) {
    FakeGateway gateway({{{http_answer(200, body)}}});
    Notes notes;
    const ModelReply reply = openai(gateway)->reply(hello(stream), notes, {});
    CHECK(text_of(reply.message) == "Hi");
    CHECK(tool_calls_of(reply.message).at(0).name == "one");
    CHECK(reply.finish == FinishReason::tool_calls);
    CHECK(reply.usage.cached_input_tokens == 1);
    CHECK(Json::parse(gateway.body(0))["stream"] == stream);
    CHECK(Json::parse(gateway.body(0)).contains("stream_options") == stream);
  }
}

TEST_CASE("OpenAI: gateways that give every call the index 0 are understood") {
  FakeGateway gateway(
      {{{stream_head(),
         "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\","
         "\"function\":{\"name\":\"one\",\"arguments\":\"{}\"}}]}}]}\n\n"
         "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"b\","
         "\"function\":{\"name\":\"two\",\"arguments\":\"{\"}}]}}]}\n\n"
         "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,"
         "\"function\":{\"arguments\":\"}\"}}]},\"finish_reason\":\"tool_calls\"}]}"
         "\n\n"}}});
  Notes notes;
  const auto calls = tool_calls_of(openai(gateway)->reply(hello(), notes, {}).message);
  REQUIRE(calls.size() == 2);
  CHECK(calls[0].arguments == "{}");
  CHECK(calls[1].name == "two");
  CHECK(calls[1].arguments == "{}");
}

TEST_CASE("Anthropic: the request carries what the format asks for") {
  FakeGateway gateway({{{stream_head(), anthropic_stream}}});
  ModelRequest request = hello();
  request.tools = {{"one", "Does one", {{"type", "object"}}}};
  request.messages.push_back(
      {Role::assistant,
       {Thinking{"anthropic", {{"type", "thinking"}, {"thinking", "hm"}, {"signature", "S"}}},
        Thinking{"other", {{"type", "x"}}}, Text{""}, ToolCall{"a", "one", "{\"x\":1}"},
        ToolCall{"b", "two", "{"}}});
  request.messages.push_back({Role::user,
                              {ToolResult{"a", {Text{"1"}, Image{"image/png", "AAAA"}}, false},
                               ToolResult{"b", {Text{"bad arguments"}}, true}}});
  Notes notes;
  anthropic(gateway)->reply(request, notes, {});
  const std::string head = gateway.requests().at(0);
  CHECK(head.starts_with("POST /v1/messages HTTP/1.1\r\n"));
  CHECK(head.find("x-api-key: sk-secret\r\n") != std::string::npos);
  CHECK(head.find("anthropic-version: 2023-06-01\r\n") != std::string::npos);
  const Json wanted = Json::parse(R"({
      "model": "m-1", "max_tokens": 4096, "stream": true, "system": "Be brief.",
      "tools": [{"name": "one", "description": "Does one", "input_schema": {"type": "object"}}],
      "messages": [
        {"role": "user", "content": [{"type": "text", "text": "Hello"}]},
        {"role": "assistant", "content": [
          {"type": "thinking", "thinking": "hm", "signature": "S"},
          {"type": "tool_use", "id": "a", "name": "one", "input": {"x": 1}},
          {"type": "tool_use", "id": "b", "name": "two", "input": {}}]},
        {"role": "user", "content": [
          {"type": "tool_result", "tool_use_id": "a", "content": [
            {"type": "text", "text": "1"},
            {"type": "image", "source": {"type": "base64", "media_type": "image/png",
             "data": "AAAA"}}]},
          {"type": "tool_result", "tool_use_id": "b", "is_error": true, "content": [
            {"type": "text", "text": "bad arguments"}]}]}]})");
  CHECK(Json::parse(gateway.body(0)) == wanted);
}

TEST_CASE("Anthropic: a stream is the same answer wherever it is cut, and thinking is kept") {
  for (std::size_t step = 1; step < 80; step += 13) {
    CAPTURE(step);
    FakeGateway::Script script{{stream_head()}};
    for (std::size_t i = 0; i < anthropic_stream.size(); i += step) {
      script.writes.push_back(anthropic_stream.substr(i, step));
    }
    FakeGateway gateway({script});
    Notes notes;
    const ModelReply reply = anthropic(gateway)->reply(hello(), notes, {});
    CHECK(notes.heard == anthropic_notes);
    REQUIRE(reply.message.parts.size() == 3);
    CHECK(std::get<Thinking>(reply.message.parts[0]).block ==
          Json{{"type", "thinking"}, {"thinking", "hm"}, {"signature", "S=="}});
    CHECK(std::get<ToolCall>(reply.message.parts[2]).arguments == "{\"x\": 1}");
  }
}

TEST_CASE("Anthropic: an answer in one piece") {
  FakeGateway gateway({{{http_answer(
      200,
      R"({"type":"message","model":"c","content":[{"type":"redacted_thinking","data":"ZZ"},
      {"type":"text","text":"Hi"},{"type":"tool_use","id":"t","name":"one","input":{"x":1}}],
      "stop_reason":"max_tokens","usage":{"input_tokens":5,"output_tokens":6,
      "cache_read_input_tokens":4}})")}}});
  Notes notes;
  const ModelReply reply = anthropic(gateway)->reply(hello(false), notes, {});
  REQUIRE(reply.message.parts.size() == 3);
  CHECK(std::get<Thinking>(reply.message.parts[0]).block["data"] == "ZZ");
  CHECK(std::get<Text>(reply.message.parts[1]).text == "Hi");
  CHECK(std::get<ToolCall>(reply.message.parts[2]).arguments == "{\"x\":1}");
  CHECK(reply.finish == FinishReason::length);
  CHECK(reply.usage.cached_input_tokens == 4);
}

TEST_CASE("a stream cut before its finish marker is an error, one cut after it an answer") {
  Notes notes;
  const std::size_t marker = openai_stream.find("data: {\"choices\":[{\"delta\":{},");
  SUBCASE("before") {
    FakeGateway gateway({{{stream_head(), openai_stream.substr(0, marker)}}});
    const ModelError error = failure(*openai(gateway), hello(), notes);
    CHECK(error.kind() == ModelError::Kind::network);
    CHECK(std::string(error.what()).starts_with("the answer broke off"));
    CHECK(gateway.requests().size() == 1);  // text was shown: no second try
  }
  SUBCASE("before, but the stream ends as it should") {
    FakeGateway gateway({{{stream_head(), openai_stream.substr(0, marker) + "data: [DONE]\n\n"}}});
    const ModelError error = failure(*openai(gateway), hello(), notes);
    CHECK(error.kind() == ModelError::Kind::network);
    CHECK(std::string(error.what()) ==
          "the answer broke off: the stream ended before the finish marker");
  }
  SUBCASE("before, by a reset") {
    FakeGateway gateway({{{stream_head(), openai_stream.substr(0, marker)}, true}});
    CHECK(failure(*openai(gateway), hello(), notes).kind() == ModelError::Kind::network);
    CHECK(gateway.requests().size() == 1);
  }
  SUBCASE("after") {
    FakeGateway gateway({{{stream_head(), openai_stream.substr(0, marker + 70)}}});
    CHECK(openai(gateway)->reply(hello(), notes, {}).finish == FinishReason::tool_calls);
  }
  SUBCASE("Anthropic, before") {
    FakeGateway gateway(
        {{{stream_head(), anthropic_stream.substr(0, anthropic_stream.find("event: message_d"))}}});
    CHECK(failure(*anthropic(gateway), hello(), notes).kind() == ModelError::Kind::network);
  }
  SUBCASE("the marker is there, but the connection stays open") {
    FakeGateway gateway({{{stream_head(), openai_stream}, false, true}});
    CHECK(openai(gateway)->reply(hello(), notes, {}).finish == FinishReason::tool_calls);
  }
}

TEST_CASE("HTTP errors have a kind, the gateway's words, and never the key") {
  struct Row {
    int status;
    std::string body;
    ModelError::Kind kind;
    std::string words;
  };
  using Kind = ModelError::Kind;
  const Row rows[] = {
      {401, R"({"error":{"message":"Incorrect API key sk-secret"}})", Kind::auth,
       "the gateway answered HTTP 401 (check the API key): Incorrect API key [key]"},
      {403, "<html>no</html>", Kind::auth,
       "the gateway answered HTTP 403 (check the API key): <html>no</html>"},
      {400, R"({"error":{"message":"too long","code":"context_length_exceeded"}})",
       Kind::context_length, "the gateway answered HTTP 400: too long"},
      {400, R"({"type":"error","error":{"message":"prompt is too long: 9 > 8"}})",
       Kind::context_length, "the gateway answered HTTP 400: prompt is too long: 9 > 8"},
      {404, R"({"error":"no such model"})", Kind::bad_request,
       "the gateway answered HTTP 404: no such model"},
      {500, "", Kind::server, "the gateway answered HTTP 500"},
      {302, "", Kind::malformed,
       "the gateway answered HTTP 302 (a redirect: give the address that it leads to, ?)"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.status);
    FakeGateway gateway({{{http_answer(row.status, row.body)}}});
    Notes notes;
    const ModelError error = failure(*openai(gateway), hello(), notes);
    CHECK(error.kind() == row.kind);
    CHECK(error.what() == row.words);
    CHECK(error.status() == row.status);
    CHECK(notes.heard.empty());
  }
}

TEST_CASE("429, 503 and resets are tried three times, others once") {
  const std::string busy = R"({"error":{"message":"slow down"}})";
  const FakeGateway::Script good{{stream_head(), openai_stream}};
  Notes notes;
  SUBCASE("then it works") {
    FakeGateway gateway({{{http_answer(429, busy)}}, {{}, true}, good});
    openai(gateway)->reply(hello(), notes, {});
    CHECK(notes.heard == "retry: 1 500 rate_limit\nretry: 2 1000 network\n" + openai_notes);
  }
  SUBCASE("Retry-After is honoured, as seconds, milliseconds and date") {
    FakeGateway gateway({{{http_answer(503, busy, "Retry-After: 7\r\n")}},
                         {{http_answer(429, busy, "Retry-After-Ms: 250\r\n")}},
                         good});
    openai(gateway)->reply(hello(), notes, {});
    CHECK(notes.heard == "retry: 1 7000 overloaded\nretry: 2 250 rate_limit\n" + openai_notes);
  }
  SUBCASE("a date, and a wait that is too long") {
    FakeGateway gateway(
        {{{http_answer(429, busy, "Retry-After: Sun, 06 Nov 1994 08:49:47 GMT\r\n")}},
         {{http_answer(429, busy, "Retry-After: 61\r\n")}}});
    const ModelError error = failure(*openai(gateway), hello(), notes);
    CHECK(error.kind() == ModelError::Kind::rate_limit);
    CHECK(error.retry_after() == milliseconds(61'000));
    CHECK(notes.heard == "retry: 1 10000 rate_limit\n");
  }
  SUBCASE("three in all") {
    FakeGateway gateway(
        {{{http_answer(429, busy)}}, {{http_answer(429, busy)}}, {{http_answer(429, busy)}}, good});
    CHECK(failure(*openai(gateway), hello(), notes).kind() == ModelError::Kind::rate_limit);
    CHECK(gateway.requests().size() == 3);
  }
  SUBCASE("not after 500") {
    FakeGateway gateway({{{http_answer(500, busy)}}, good});
    CHECK(failure(*openai(gateway), hello(), notes).kind() == ModelError::Kind::server);
    CHECK(gateway.requests().size() == 1);
  }
}

TEST_CASE("answers that are no answers are refused") {
  struct Row {
    std::string sent;
    ModelError::Kind kind;
    std::string words;
  };
  using Kind = ModelError::Kind;
  const Row rows[] = {
      {http_answer(200, "{\"choices\":"), Kind::malformed, "the gateway's answer is not JSON"},
      {http_answer(200, "[]"), Kind::malformed, "the gateway sent no JSON object"},
      {http_answer(200, "{}"), Kind::malformed, "the gateway's answer has no \"choices\""},
      {http_answer(200, std::string(200'000, '[')), Kind::malformed,
       "the gateway's answer is not JSON: nested deeper than 128 levels at line 1, column 129"},
      {http_answer(200, R"({"error":{"message":"odd"}})"), Kind::server,
       "the gateway reported an error: odd"},
      {stream_head() + "data: {\"choices\":\n\n", Kind::malformed,
       "the gateway's stream can't be read"},
      {stream_head() + "data: {\"error\":{\"message\":\"out of memory\"}}\n\ndata: [DONE]\n\n",
       Kind::server, "the gateway reported an error: out of memory"},
      {stream_head(), Kind::network, "the answer broke off"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.sent.substr(0, 200));
    FakeGateway gateway({{{row.sent}}, {{row.sent}}, {{row.sent}}});
    Notes notes;
    const ModelError error = failure(*openai(gateway, 1), hello(), notes);
    CHECK(error.kind() == row.kind);
    CHECK(std::string(error.what()).starts_with(row.words));
  }
  FakeGateway gateway(
      {{{stream_head() + "event: error\ndata: {\"type\":\"error\",\"error\":{"
                         "\"type\":\"overloaded_error\",\"message\":\"busy\"}}\n\n"}}});
  Notes notes;
  CHECK(failure(*anthropic(gateway, 1), hello(), notes).kind() == Kind::overloaded);
}

TEST_CASE("the endpoint follows from the base URL") {
  const auto openai_url = [](const char* base) {
    return endpoint_url(base, "chat/completions", "");
  };
  CHECK(openai_url("https://h") == "https://h/v1/chat/completions");
  CHECK(openai_url("https://h/") == "https://h/v1/chat/completions");
  CHECK(openai_url("https://h/v1/") == "https://h/v1/chat/completions");
  CHECK(openai_url("https://h/api/v3") == "https://h/api/v3/chat/completions");
  CHECK(openai_url("https://h/openai") == "https://h/openai/chat/completions");
  CHECK(openai_url("https://h/x/chat/completions?api-version=2") ==
        "https://h/x/chat/completions?api-version=2");
  const auto anthropic_url = [](const char* base) { return endpoint_url(base, "messages", "v1"); };
  CHECK(anthropic_url("https://h") == "https://h/v1/messages");
  CHECK(anthropic_url("https://h/v1") == "https://h/v1/messages");
  CHECK(anthropic_url("https://h/anthropic/") == "https://h/anthropic/v1/messages");
}

TEST_CASE("the gateway follows from flags, then the environment") {
  std::map<std::string, std::string> variables;
  const auto choose = [&](const GatewayFlags& flags) {
    return choose_gateway(flags, [&](const char* name) { return variables[name]; });
  };
  CHECK_THROWS_WITH_AS(choose({}),
                       "no gateway: give --gateway URL, or set OPENAI_API_KEY, ANTHROPIC_API_KEY "
                       "or FAIRLEAD_GATEWAY",
                       std::invalid_argument);
  variables["ANTHROPIC_API_KEY"] = "sk-a";
  CHECK_THROWS_WITH_AS(choose({}), "no model: give --model NAME, or set FAIRLEAD_MODEL",
                       std::invalid_argument);
  variables["ANTHROPIC_MODEL"] = "c";
  CHECK(choose({}).api == Api::anthropic);
  CHECK(choose({}).options.base_url == "https://api.anthropic.com");
  CHECK(choose({}).options.api_key == "sk-a");
  variables["OPENAI_API_KEY"] = "sk-o";
  variables["FAIRLEAD_MODEL"] = "f";
  CHECK(choose({}).api == Api::openai);
  CHECK(choose({}).options.model == "f");
  variables["FAIRLEAD_API"] = "anthropic";
  CHECK(choose({}).api == Api::anthropic);
  const auto chosen = choose({"http://h:1", "openai", "m"});
  CHECK(chosen.api == Api::openai);
  CHECK(chosen.options.base_url == "http://h:1");
  CHECK(chosen.options.model == "m");
  CHECK_THROWS_AS(choose({"h:1", "openai", "m"}), std::invalid_argument);
  CHECK_THROWS_AS(choose({"", "grpc", ""}), std::invalid_argument);
}

TEST_CASE("a number beyond 64 bits in a tool's schema reaches the gateway as it came") {
  const std::string schema =
      R"({"properties":{"n":{"maximum":340282366920938463463374607431768211456}},"type":"object"})";
  mcp::jsonrpc::Decoder decoder;
  ModelRequest request = hello();
  request.tools = {{"count", "Counts", std::get<Json>(decoder.decode_value(schema))}};
  FakeGateway gateway({{{stream_head(), openai_stream}}});
  Notes notes;
  openai(gateway)->reply(request, notes, {});
  CHECK(gateway.body(0).find(schema) != std::string::npos);
}
