// What the everything-server says, word for word, on one pipe in both eras. The official suite
// looks at shapes only, and speaks HTTP only.

#include <doctest/doctest.h>

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <mcp/base/json.h>

#include "../process/command_process.h"

namespace {

using mcp::Json;

const Json everything_allowed = Json::parse(
    R"({"elicitation":{},"roots":{},"sampling":{},"extensions":{"io.modelcontextprotocol/tasks":{}}})");

/// The server, and a client that types.
class Pipe {
 public:
  Pipe()
      : process_({EVERYTHING_SERVER}, CommandProcess::On::pipes, {CommandProcess::Errors::apart}) {
    const Json session = ask("initialize", {{"protocolVersion", "2025-11-25"},
                                            {"capabilities",
                                             {{"elicitation", Json::object()},
                                              {"sampling", Json::object()},
                                              {"roots", Json::object()}}},
                                            {"clientInfo", {{"name", "t"}, {"version", "1"}}}});
    CHECK(session["result"]["protocolVersion"] == "2025-11-25");
    say({{"jsonrpc", "2.0"}, {"method", "notifications/initialized"}});
  }
  ~Pipe() {
    process_.close_input();
    CHECK(process_.wait() == 0);
  }

  void say(const Json& message) { process_.type(message.dump() + "\n"); }
  Json hear() { return Json::parse(process_.read_line()); }

  /// A request of the session era, and the next message.
  Json ask(const std::string& method, const Json& params = Json::object()) {
    say({{"jsonrpc", "2.0"}, {"id", ++last_id_}, {"method", method}, {"params", params}});
    return hear();
  }
  /// The same in the stateless era.
  Json ask_modern(const std::string& method, Json params = Json::object(),
                  const Json& capabilities = everything_allowed,
                  const Json& more = Json::object()) {
    params["_meta"] = {{"io.modelcontextprotocol/protocolVersion", "2026-07-28"},
                       {"io.modelcontextprotocol/clientInfo", {{"name", "t"}, {"version", "1"}}},
                       {"io.modelcontextprotocol/clientCapabilities", capabilities}};
    params["_meta"].update(more);
    return ask(method, params);
  }
  Json call(const std::string& tool, const Json& arguments = Json::object(),
            const Json& more = Json::object()) {
    Json params = {{"name", tool}, {"arguments", arguments}};
    params.update(more);
    return ask("tools/call", params);
  }
  Json call_modern(const std::string& tool, const Json& arguments = Json::object(),
                   const Json& more = Json::object(),
                   const Json& capabilities = everything_allowed) {
    Json params = {{"name", tool}, {"arguments", arguments}};
    params.update(more);
    return ask_modern("tools/call", params, capabilities);
  }
  /// Answers the server's request, and gives the next message.
  Json answer(const Json& request, const Json& result) {
    say({{"jsonrpc", "2.0"}, {"id", request.at("id")}, {"result", result}});
    return hear();
  }
  int last_id() const { return last_id_; }
  /// Between two looks at something that takes time; the server has nothing to say meanwhile.
  void pause() const { CHECK_FALSE(process_.speaks_within(std::chrono::milliseconds(20))); }

 private:
  CommandProcess process_;
  int last_id_ = 0;
};

std::string text_of(const Json& message) {
  REQUIRE_MESSAGE(message.contains("result"), message.dump());
  REQUIRE_MESSAGE(message["result"].contains("content"), message.dump());
  return message["result"]["content"].at(0).at("text");
}

Json accepted(const Json& content) {
  return {{"action", "accept"}, {"content", content}};
}

const Json sampled = {{"role", "assistant"},
                      {"content", {{"type", "text"}, {"text", "Paris"}}},
                      {"model", "test-model"},
                      {"stopReason", "endTurn"}};
const Json roots = {{"roots", {{{"uri", "file:///test/root"}, {"name", "Test Root"}}}}};

}  // namespace

TEST_CASE("content tools, in both eras") {
  Pipe pipe;
  const std::string png =
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5Erk"
      "Jggg==";
  const std::string image = R"({"data":")" + png + R"(","mimeType":"image/png","type":"image"})";
  const std::map<std::string, std::string> contents = {
      {"test_simple_text",
       R"([{"text":"This is a simple text response for testing.","type":"text"}])"},
      {"test_image_content", "[" + image + "]"},
      {"test_audio_content",
       R"([{"data":"UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=","mimeType":"audio/wav","type":"audio"}])"},
      {"test_embedded_resource",
       R"([{"resource":{"mimeType":"text/plain","text":"This is an embedded resource content.","uri":"test://embedded-resource"},"type":"resource"}])"},
      {"test_multiple_content_types",
       R"([{"text":"Multiple content types test:","type":"text"},)" + image +
           R"(,{"resource":{"mimeType":"application/json","text":"{\"test\":\"data\",\"value\":123}","uri":"test://mixed-content-resource"},"type":"resource"}])"},
  };
  for (const auto& [tool, content] : contents) {
    CAPTURE(tool);
    // `arguments` may be left out.
    CHECK(pipe.ask("tools/call", {{"name", tool}})["result"].dump() ==
          R"({"content":)" + content + "}");
    const Json modern = pipe.ask_modern("tools/call", {{"name", tool}})["result"];
    CHECK(modern["content"].dump() == content);
    CHECK(modern["resultType"] == "complete");
  }
  const std::string failed = "This tool intentionally returns an error for testing";
  for (const Json& message :
       {pipe.call("test_error_handling"), pipe.call_modern("test_error_handling")}) {
    CHECK(message["result"]["isError"] == true);
    CHECK(text_of(message) == failed);
  }
}

TEST_CASE("progress: three times before the result, and only for who asked") {
  Pipe pipe;
  CHECK(text_of(pipe.call("test_tool_with_progress")) ==
        "Tool with progress executed successfully");
  Json next = pipe.call("test_tool_with_progress", Json::object(),
                        {{"_meta", {{"progressToken", "progress-test-1"}}}});
  for (const int progress : {0, 50, 100}) {
    CHECK(next["method"] == "notifications/progress");
    CHECK(next["params"].dump() == R"({"progress":)" + Json(double(progress)).dump() +
                                       R"(,"progressToken":"progress-test-1","total":100.0})");
    next = pipe.hear();
  }
  CHECK(text_of(next) == "Tool with progress executed successfully");
}

TEST_CASE("logs: of the session's level, or of the request's own") {
  Pipe pipe;
  CHECK(pipe.ask("logging/setLevel", {{"level", "debug"}})["result"].dump() == "{}");
  CHECK(pipe.ask("ping")["result"].dump() == "{}");
  Json next = pipe.call("test_tool_with_logging");
  for (const char* text :
       {"Tool execution started", "Tool processing data", "Tool execution completed"}) {
    CHECK(next["method"] == "notifications/message");
    CHECK(next["params"].dump() == R"({"data":")" + std::string(text) + R"(","level":"info"})");
    next = pipe.hear();
  }
  CHECK(text_of(next) == "Tool with logging executed successfully");

  CHECK(text_of(pipe.call_modern("test_logging_tool")) == "Logged.");
  next = pipe.ask_modern("tools/call", {{"name", "test_logging_tool"}}, everything_allowed,
                         {{"io.modelcontextprotocol/logLevel", "info"}});
  CHECK(next["method"] == "notifications/message");
  CHECK(text_of(pipe.hear()) == "Logged.");
}

TEST_CASE("session era: questions are requests, and their words are the contract's") {
  Pipe pipe;
  Json question = pipe.call("test_sampling", {{"prompt", "Test prompt for sampling"}});
  CHECK(question["method"] == "sampling/createMessage");
  CHECK(
      question["params"].dump() ==
      R"({"maxTokens":100,"messages":[{"content":{"text":"Test prompt for sampling","type":"text"},"role":"user"}]})");
  CHECK(text_of(pipe.answer(question, sampled)) == "LLM response: Paris");

  const auto elicited = [&](const std::string& tool, const Json& arguments,
                            const std::string& message, const std::string& schema,
                            const Json& content) {
    CAPTURE(tool);
    const Json asked = pipe.call(tool, arguments);
    CHECK(asked["method"] == "elicitation/create");
    CHECK(asked["params"]["message"] == message);
    CHECK(asked["params"]["requestedSchema"].dump() == schema);
    return text_of(pipe.answer(asked, accepted(content)));
  };
  CHECK(
      elicited(
          "test_elicitation", {{"message", "Please provide your information"}},
          "Please provide your information",
          R"({"properties":{"email":{"description":"User's email address","type":"string"},"username":{"description":"User's response","type":"string"}},"required":["username","email"],"type":"object"})",
          {{"username", "testuser"}, {"email", "test@example.com"}}) ==
      R"(User response: <action: accept, content: {"email":"test@example.com","username":"testuser"}>)");
  CHECK(
      elicited(
          "test_elicitation_sep1034_defaults", Json::object(), "Please review the defaults",
          R"({"properties":{"age":{"default":30,"type":"integer"},"name":{"default":"John Doe","type":"string"},"score":{"default":95.5,"type":"number"},"status":{"default":"active","enum":["active","inactive","pending"],"type":"string"},"verified":{"default":true,"type":"boolean"}},"type":"object"})",
          {{"name", "John Doe"}}) ==
      R"(Elicitation completed: action=accept, content={"age":30,"name":"John Doe","score":95.5,"status":"active","verified":true})");
  CHECK(
      elicited(
          "test_elicitation_sep1330_enums", Json::object(), "Please choose",
          R"({"properties":{"legacyEnum":{"enum":["opt1","opt2","opt3"],"enumNames":["Option One","Option Two","Option Three"],"type":"string"},"titledMulti":{"items":{"anyOf":[{"const":"value1","title":"First Choice"},{"const":"value2","title":"Second Choice"},{"const":"value3","title":"Third Choice"}]},"type":"array"},"titledSingle":{"oneOf":[{"const":"value1","title":"First Option"},{"const":"value2","title":"Second Option"},{"const":"value3","title":"Third Option"}],"type":"string"},"untitledMulti":{"items":{"enum":["option1","option2","option3"],"type":"string"},"type":"array"},"untitledSingle":{"enum":["option1","option2","option3"],"type":"string"}},"type":"object"})",
          {{"untitledSingle", "option1"}}) ==
      R"(Elicitation completed: action=accept, content={"untitledSingle":"option1"})");
  const Json declined = pipe.call("test_elicitation", {{"message", "m"}});
  CHECK(text_of(pipe.answer(declined, {{"action", "decline"}})) ==
        "User response: <action: decline, content: {}>");
}

TEST_CASE("stateless era: questions are results, and the handler sees no difference") {
  Pipe pipe;
  struct Round {
    std::string tool;
    std::string requests;
    Json responses;
    std::string text;
  };
  const auto form = [](const std::string& message, const std::string& name,
                       const std::string& type) {
    return R"({"method":"elicitation/create","params":{"message":")" + message +
           R"(","requestedSchema":{"properties":{")" + name + R"(":{"type":")" + type +
           R"("}},"required":[")" + name + R"("],"type":"object"}}})";
  };
  const auto sample = [](const std::string& text, int tokens) {
    return R"({"method":"sampling/createMessage","params":{"maxTokens":)" + std::to_string(tokens) +
           R"(,"messages":[{"content":{"text":")" + text + R"(","type":"text"},"role":"user"}]}})";
  };
  const std::string list_roots = R"({"method":"roots/list","params":{}})";
  const std::vector<Round> rounds = {
      {"elicitation",
       R"({"user_name":)" + form("What is your name?", "name", "string") + "}",
       {{"user_name", accepted({{"name", "Alice"}})}},
       "Hello, Alice!"},
      {"sampling",
       R"({"capital_question":)" + sample("What is the capital of France?", 100) + "}",
       {{"capital_question", sampled}},
       "Paris"},
      {"list_roots",
       R"({"client_roots":)" + list_roots + "}",
       {{"client_roots", roots}},
       "Roots: file:///test/root (Test Root)"},
      {"request_state",
       R"({"confirm":)" + form("Please confirm", "ok", "boolean") + "}",
       {{"confirm", accepted({{"ok", true}})}},
       "state-ok: confirmed"},
      {"multiple_inputs",
       R"({"client_roots":)" + list_roots + R"(,"greeting":)" + sample("Generate a greeting", 50) +
           R"(,"user_name":)" + form("What is your name?", "name", "string") + "}",
       {{"user_name", accepted({{"name", "Alice"}})},
        {"greeting", sampled},
        {"client_roots", roots}},
       "Paris Alice, 1 roots"},
  };
  for (const Round& round : rounds) {
    CAPTURE(round.tool);
    const std::string tool = "test_input_required_result_" + round.tool;
    const Json first = pipe.call_modern(tool)["result"];
    CHECK(first["resultType"] == "input_required");
    CHECK(first["inputRequests"].dump() == round.requests);
    CHECK(first["requestState"].is_string());
    CHECK_FALSE(first.contains("ttlMs"));
    CHECK(text_of(pipe.call_modern(tool, Json::object(),
                                   {{"inputResponses", round.responses},
                                    {"requestState", first["requestState"]}})) == round.text);
  }

  const std::string rounds_tool = "test_input_required_result_multi_round";
  const Json first = pipe.call_modern(rounds_tool)["result"];
  CHECK(first["inputRequests"].dump() ==
        R"({"step1":)" + form("Step 1: What is your name?", "name", "string") + "}");
  const Json second =
      pipe.call_modern(rounds_tool, Json::object(),
                       {{"inputResponses", {{"step1", accepted({{"name", "Alice"}})}}},
                        {"requestState", first["requestState"]}})["result"];
  CHECK(second["inputRequests"].dump() ==
        R"({"step2":)" + form("Step 2: What is your favorite color?", "color", "string") + "}");
  CHECK(second["requestState"] != first["requestState"]);
  const Json done = {{"inputResponses", {{"step2", accepted({{"color", "blue"}})}}},
                     {"requestState", second["requestState"]}};
  CHECK(text_of(pipe.call_modern(rounds_tool, Json::object(), done)) == "Alice likes blue");

  Json tampered = done;
  tampered["requestState"] = done["requestState"].get<std::string>() + "-TAMPERED";
  CHECK(pipe.call_modern(rounds_tool, Json::object(), tampered)["error"]["code"] == -32602);
  const Json prompt =
      pipe.ask_modern("prompts/get", {{"name", "test_input_required_result_prompt"}})["result"];
  CHECK(prompt["inputRequests"].dump() ==
        R"({"user_context":)" + form("What context should the prompt use?", "context", "string") +
            "}");
  const Json got = pipe.ask_modern(
      "prompts/get", {{"name", "test_input_required_result_prompt"},
                      {"inputResponses", {{"user_context", accepted({{"context", "tests"}})}}},
                      {"requestState", prompt["requestState"]}});
  CHECK(got["result"]["messages"][0]["content"]["text"] == "Use this context: tests");
}

TEST_CASE("what a client can't be asked") {
  Pipe pipe;
  const Json nothing = Json::object();
  CHECK(pipe.call_modern("test_missing_capability", nothing, nothing, nothing)["error"]["data"]
            .dump() == R"({"requiredCapabilities":{"sampling":{}}})");
  CHECK(text_of(pipe.call_modern("test_missing_capability")) == "The client can sample.");
  const Json asked = pipe.call_modern("test_input_required_result_capabilities", nothing, nothing,
                                      {{"sampling", nothing}})["result"];
  CHECK(asked["inputRequests"].size() == 1);
  CHECK(asked["inputRequests"]["joke"]["method"] == "sampling/createMessage");
  CHECK(text_of(pipe.call_modern("test_streaming_elicitation", nothing, nothing,
                                 {{"elicitation", nothing}})) == "Nothing had to be asked.");
}

TEST_CASE("lists: the order, the schema with every keyword, resources and prompts") {
  Pipe pipe;
  const Json tools = pipe.ask("tools/list")["result"]["tools"];
  const Json modern = pipe.ask_modern("tools/list")["result"];
  CHECK(modern["ttlMs"] == 0);
  CHECK(modern["cacheScope"] == "private");
  CHECK(modern["tools"].size() == tools.size());
  CHECK(tools[0]["name"] == "test_simple_text");
  Json schema;
  Json mirrored;
  for (const Json& tool : tools) {
    CHECK_FALSE(tool["description"].get<std::string>().empty());
    if (tool["name"] == "json_schema_2020_12_tool") schema = tool;
    if (tool["name"] == "test_x_mcp_header") mirrored = tool;
  }
  CHECK(schema["description"] == "Tool with JSON Schema 2020-12 features");
  CHECK(schema["inputSchema"] == Json::parse(R"({
    "$schema":"https://json-schema.org/draft/2020-12/schema","type":"object",
    "$defs":{"address":{"$anchor":"addressDef","type":"object",
                        "properties":{"street":{"type":"string"},"city":{"type":"string"}}}},
    "properties":{"name":{"type":"string"},"address":{"$ref":"#/$defs/address"},
      "contactMethod":{"type":"string","enum":["phone","email"]},
      "phone":{"type":"string"},"email":{"type":"string"}},
    "allOf":[{"anyOf":[{"required":["phone"]},{"required":["email"]}]}],
    "if":{"properties":{"contactMethod":{"const":"phone"}},"required":["contactMethod"]},
    "then":{"required":["phone"]},"else":{"required":["email"]},"additionalProperties":false})"));
  CHECK(mirrored["inputSchema"]["properties"]["region"].dump() ==
        R"({"type":"string","x-mcp-header":"Region"})");

  const auto read = [&](const std::string& uri) {
    return pipe.ask("resources/read", {{"uri", uri}})["result"]["contents"].dump();
  };
  CHECK(
      read("test://static-text") ==
      R"([{"mimeType":"text/plain","text":"This is the content of the static text resource.","uri":"test://static-text"}])");
  CHECK(read("test://static-binary").find(R"("blob":"iVBORw0KGgo)") != std::string::npos);
  CHECK(
      read("test://template/123/data") ==
      R"([{"mimeType":"application/json","text":"{\"data\":\"Data for ID: 123\",\"id\":\"123\",\"templateTest\":true}","uri":"test://template/123/data"}])");
  const std::string unknown = "test://nonexistent-resource-for-conformance-testing";
  CHECK(pipe.ask("resources/read", {{"uri", unknown}})["error"]["code"] == -32002);
  const Json refused = pipe.ask_modern("resources/read", {{"uri", unknown}})["error"];
  CHECK(refused["code"] == -32602);
  CHECK(refused["data"]["uri"] == unknown);
  CHECK(pipe.ask("resources/subscribe", {{"uri", "test://watched-resource"}})["result"].dump() ==
        "{}");
  CHECK(pipe.ask("resources/unsubscribe", {{"uri", "test://watched-resource"}})["result"].dump() ==
        "{}");

  const auto prompt = [&](const std::string& name, const Json& arguments) {
    return pipe.ask("prompts/get",
                    {{"name", name}, {"arguments", arguments}})["result"]["messages"];
  };
  CHECK(prompt("test_prompt_with_arguments",
               {{"arg1", "testValue1"}, {"arg2", "testValue2"}})[0]["content"]["text"] ==
        "Prompt with arguments: arg1='testValue1', arg2='testValue2'");
  const Json embedded =
      prompt("test_prompt_with_embedded_resource", {{"resourceUri", "test://example-resource"}});
  CHECK(
      embedded[0]["content"]["resource"].dump() ==
      R"({"mimeType":"text/plain","text":"Embedded resource content for testing.","uri":"test://example-resource"})");
  CHECK(embedded[1]["content"]["text"] == "Please process the embedded resource above.");
  CHECK(prompt("test_prompt_with_image", Json::object())[1]["content"]["text"] ==
        "Please analyze the image above.");
  CHECK(
      pipe.ask("prompts/get", {{"name", "test_simple_prompt"}})["result"]["messages"].dump() ==
      R"([{"content":{"text":"This is a simple prompt for testing.","type":"text"},"role":"user"}])");
  CHECK(pipe.ask("completion/complete",
                 {{"ref", {{"type", "ref/prompt"}, {"name", "test_prompt_with_arguments"}}},
                  {"argument",
                   {{"name", "arg1"}, {"value", "test"}}}})["result"]["completion"]["values"]
            .dump() == R"(["testValue1","testValue2"])");
}

TEST_CASE("tasks on a pipe, stateless era: the handle, the state, the questions, the end") {
  Pipe pipe;
  const auto state = [&](const std::string& id) {
    return pipe.ask_modern("tasks/get", {{"taskId", id}})["result"];
  };
  const auto wait = [&](const std::string& id, const std::string& status) {
    Json seen = state(id);
    while (seen["status"] == "working") {
      pipe.pause();
      seen = state(id);
    }
    CHECK(seen["status"] == status);
    return seen;
  };
  const auto create = [&](const std::string& tool, const Json& arguments = Json::object()) {
    const Json created = pipe.call_modern(tool, arguments)["result"];
    REQUIRE_MESSAGE(created["resultType"] == "task", created.dump());
    return created["taskId"].get<std::string>();
  };
  const auto update = [&](const std::string& id, const Json& responses) {
    const Json updated =
        pipe.ask_modern("tasks/update", {{"taskId", id}, {"inputResponses", responses}});
    CHECK(updated["result"]["resultType"] == "complete");
    CHECK_FALSE(updated["result"].contains("status"));
  };
  const Json without = {{"elicitation", Json::object()}};
  CHECK(text_of(pipe.call_modern("greet", {{"name", "Ada"}})) == "Hello, Ada!");
  CHECK(text_of(pipe.call_modern("slow_compute", {{"seconds", 0}, {"label", "x"}}, Json::object(),
                                 without)) == "Computed x");
  const Json lacking = pipe.call_modern("failing_job", Json::object(), Json::object(), without);
  CHECK(lacking["error"]["code"] == -32021);
  CHECK(lacking["error"]["data"].dump() ==
        R"({"requiredCapabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}}}})");

  const Json computed = wait(create("slow_compute", {{"seconds", 0}, {"label", "x"}}), "completed");
  CHECK(computed["result"]["content"][0]["text"] == "Computed x");
  CHECK_FALSE(computed.contains("requestState"));
  const Json failed = wait(create("failing_job"), "completed");
  CHECK(failed["result"]["isError"] == true);
  CHECK(failed["result"]["content"][0]["text"] == "The job failed");
  const Json broken = wait(create("protocol_error_job"), "failed");
  CHECK(broken["error"]["message"] == "The job broke");
  CHECK_FALSE(broken.contains("result"));

  const std::string slow = create("slow_compute", {{"seconds", 60}, {"label", "x"}});
  CHECK(pipe.ask_modern("tasks/cancel", {{"taskId", slow}})["result"]["resultType"] == "complete");
  CHECK(state(slow)["status"] == "cancelled");
  CHECK(pipe.ask_modern("tasks/cancel", {{"taskId", slow}})["result"]["resultType"] == "complete");

  const std::string deleting = create("confirm_delete", {{"filename", "a.txt"}});
  const Json asks = wait(deleting, "input_required")["inputRequests"];
  REQUIRE(asks.size() == 1);
  CHECK(asks.begin().value()["params"]["message"] == "Delete a.txt?");
  update(deleting, {{asks.begin().key(), accepted({{"confirm", true}})}, {"unknown", 1}});
  CHECK(wait(deleting, "completed")["result"]["content"][0]["text"] == "Deleted a.txt");

  const std::string multiple = create("multi_input");
  CHECK(wait(multiple, "input_required")["inputRequests"].size() == 2);
  update(multiple, {{"first", accepted({{"name", "Ada"}})}});
  const Json left = state(multiple);
  CHECK(left["status"] == "input_required");
  CHECK(left["inputRequests"].size() == 1);
  CHECK(left["inputRequests"].contains("second"));
  update(multiple, {{"second", accepted({{"name", "Bob"}})}});
  CHECK(wait(multiple, "completed")["result"]["content"][0]["text"] == "Ada before Bob");

  const Json round = pipe.call_modern("test_tool_with_task")["result"];
  CHECK(round["resultType"] == "input_required");
  const Json task =
      pipe.call_modern("test_tool_with_task", Json::object(),
                       {{"inputResponses", {{"user_name", accepted({{"name", "Alice"}})}}},
                        {"requestState", round["requestState"]}})["result"];
  CHECK(task["resultType"] == "task");
  CHECK_FALSE(task.contains("requestState"));
  CHECK(wait(task["taskId"], "completed")["result"]["content"][0]["text"] == "Worked for Alice");
  CHECK(pipe.ask_modern("tasks/get", {{"taskId", "none"}})["error"]["code"] == -32602);
  CHECK(pipe.ask_modern("tasks/result", {{"taskId", slow}})["error"]["code"] == -32601);
}

TEST_CASE("tasks on a pipe, 2025-11-25: the client decides, and waits for the result") {
  Pipe pipe;
  const auto create = [&](const std::string& tool, const Json& arguments = Json::object()) {
    const Json created = pipe.call(tool, arguments, {{"task", {{"ttl", 60'000}}}});
    REQUIRE_MESSAGE(created["result"].contains("task"), created.dump());
    return created["result"]["task"]["taskId"].get<std::string>();
  };
  /// The answer to the last request, whatever is told before it.
  const auto answered = [&](Json next) {
    while (next.value("id", Json()) != pipe.last_id()) next = pipe.hear();
    return next;
  };
  const auto about = [&](const std::string& method, const std::string& id) {
    return answered(pipe.ask("tasks/" + method, {{"taskId", id}}));
  };
  const Json result =
      about("result", create("slow_compute", {{"seconds", 0}, {"label", "x"}}))["result"];
  CHECK(result["content"][0]["text"] == "Computed x");
  CHECK(result["_meta"].contains("io.modelcontextprotocol/related-task"));
  const std::string failed = create("failing_job");
  CHECK(about("result", failed)["result"]["isError"] == true);
  CHECK(about("get", failed)["result"]["status"] == "failed");
  const std::string slow = create("slow_compute", {{"seconds", 60}, {"label", "x"}});
  CHECK(about("cancel", slow)["result"]["status"] == "cancelled");
  CHECK(about("cancel", slow)["error"]["code"] == -32602);
  CHECK(about("list", "")["error"]["code"] == -32601);
  CHECK(answered(pipe.call("failing_job"))["error"]["code"] == -32601);

  const std::string deleting = create("confirm_delete", {{"filename", "a.txt"}});
  Json next = pipe.ask("tasks/result", {{"taskId", deleting}});
  while (next.value("method", "") != "elicitation/create") next = pipe.hear();
  CHECK(next["params"]["message"] == "Delete a.txt?");
  CHECK(
      answered(pipe.answer(next, accepted({{"confirm", true}})))["result"]["content"][0]["text"] ==
      "Deleted a.txt");
}
