#include <doctest/doctest.h>

#include <mcp/base/number_text.h>

#include "samples.h"

using mcp::Json;
using mcp::Revision;

namespace {

/// What a peer is told about `text` read as a T; empty when it is read.
template <class T>
std::string problem(const char* text) {
  try {
    mcp::from_json<T>(Json::parse(text));
  } catch (const mcp::Malformed& malformed) {
    return malformed.what();
  }
  return "";
}

/// Whether a T is the same after it was sent and read.
template <class T>
void survives(const T& value) {
  for (Revision revision : mcp::all_revisions) {
    CAPTURE(mcp::to_string(revision));
    Json sent = to_json(value, revision);
    CHECK(to_json(mcp::from_json<T>(sent), revision) == sent);
  }
}

/// Puts wrong values at every place of `good`, one after the other, and reads each as a T.
template <class T>
void hostile(const Json& good) {
  const Json wrong[] = {nullptr,
                        true,
                        -1,
                        1.5,
                        "",
                        Json::array(),
                        Json::object(),
                        Json::array({nullptr}),
                        {{"type", 5}},
                        mcp::make_number_text("1e999")};
  const Json places = good.flatten();
  std::size_t refused = 0;
  auto try_to_read = [&](const Json& bad) {
    try {
      mcp::from_json<T>(bad);
    } catch (const mcp::Malformed&) {
      ++refused;  // anything else fails the test
    }
  };
  for (const auto& [place, leaf] : places.items()) {
    // The leaf itself, and each object or array that holds it.
    for (Json::json_pointer at(place); !at.empty(); at.pop_back()) {
      for (const Json& value : wrong) {
        Json bad = good;
        bad[at] = value;
        try_to_read(bad);
      }
    }
  }
  for (const Json& value : wrong) try_to_read(value);
  CHECK(refused > places.size());
}

}  // namespace

TEST_CASE("what one side sends the other reads as it was") {
  survives(samples::implementation());
  survives(samples::tool());
  survives(samples::tool_result());
  survives(samples::resource());
  survives(samples::resource_template());
  survives(samples::prompt());
  survives(samples::prompt_result());
  survives(samples::client_capabilities());
  survives(samples::server_capabilities());
  survives(samples::create_message());
  survives(samples::form());
  survives(samples::page());
  survives(mcp::ListToolsResult{.items = {samples::tool()}, .next_cursor = ""});
  survives(mcp::ReadResourceResult{.contents = {mcp::text_contents("u:1", "")}, .cache = {5}});
  survives(mcp::ListRootsResult{.roots = {{"file:///a", "A"}}});
  survives(mcp::CompleteResult{.values = {"a"}, .total = 7});
  survives(mcp::CompleteParams{mcp::ResourceTemplateReference{"u:{x}"}, "x", "", {{"a", "b"}}});
  survives(mcp::LoggingMessageParams{.level = mcp::LoggingLevel::alert, .data = {{"a", 1}}});
  survives(mcp::ElicitResult{mcp::ElicitAction::accept, {{"a", 1}}});
  survives(mcp::SubscriptionParams{{true, false, true, {"u:1"}, {"t"}}});
  survives(mcp::InputRequiredResult{
      .input_requests = {{"a", samples::form()}, {"b", mcp::ListRootsParams{}}},
      .request_state = "s"});
}

TEST_CASE("whatever stands at whatever place, a reader answers or says what is wrong") {
  hostile<mcp::Tool>(to_json(samples::tool(), mcp::latest_revision));
  hostile<mcp::ToolResult>(to_json(samples::tool_result(), mcp::latest_revision));
  hostile<mcp::Resource>(to_json(samples::resource(), mcp::latest_revision));
  hostile<mcp::PromptResult>(to_json(samples::prompt_result(), mcp::latest_revision));
  hostile<mcp::ClientCapabilities>(
      to_json(samples::client_capabilities(), mcp::latest_session_revision));
  hostile<mcp::ServerCapabilities>(
      to_json(samples::server_capabilities(), mcp::latest_session_revision));
  hostile<mcp::CreateMessageParams>(to_json(samples::create_message(), mcp::latest_revision));
  hostile<mcp::ElicitParams>(to_json(samples::form(), mcp::latest_revision));
  hostile<mcp::InputRequiredResult>(to_json(
      mcp::InputRequiredResult{
          .input_requests = {{"a", samples::form()}, {"b", samples::create_message()}},
          .request_state = "s"},
      mcp::latest_revision));
  hostile<mcp::DiscoverResult>(
      to_json(mcp::DiscoverResult{.supported_versions = {"2026-07-28"}}, mcp::latest_revision));
}

TEST_CASE("a mistake is told with its place and what would be right") {
  CHECK(problem<mcp::ToolResult>(R"({"content":[{"type":"text","text":5}]})") ==
        "/content/0/text: expected a string, found the number 5");
  CHECK(problem<mcp::ToolResult>(R"({"content":[{"text":"t"}]})") ==
        "/content/0: the member \"type\" is missing");
  CHECK(problem<mcp::ToolResult>(R"({"content":{}})") ==
        "/content: expected an array, found an object");
  CHECK(problem<mcp::ToolResult>("[]") == "expected an object, found an array");
  CHECK(problem<mcp::ToolResult>("{}") == "the member \"content\" is missing");
  CHECK(problem<mcp::ToolResult>(R"({"content":[],"isError":"no"})") ==
        "/isError: expected true or false, found a string");
  CHECK(problem<mcp::ToolResult>(R"({"content":[{"type":"resource","resource":{"uri":"u"}}]})") ==
        "/content/0/resource: neither \"text\" nor \"blob\" is there");
  CHECK(problem<mcp::CallToolParams>(R"({"name":"t","arguments":[1]})") ==
        "/arguments: expected an object, found an array");
  CHECK(problem<mcp::CallToolParams>(R"({"arguments":{}})") == "the member \"name\" is missing");
  CHECK(problem<mcp::GetPromptParams>(R"({"name":"p","arguments":{"a/b":1}})") ==
        "/arguments/a~1b: expected a string, found the number 1");
  CHECK(problem<mcp::ListToolsResult>(R"({"tools":[{"name":"a","inputSchema":true}]})") ==
        "/tools/0/inputSchema: expected an object, found true");
  CHECK(problem<mcp::ListToolsResult>(
            R"({"tools":[{"name":"a","inputSchema":{},"execution":{"taskSupport":"maybe"}}]})") ==
        "/tools/0/execution/taskSupport: not one of the values that are defined: \"forbidden\", "
        "\"optional\" or \"required\"");
  CHECK(problem<mcp::ListParams>(R"({"cursor":5})") ==
        "/cursor: expected a string, found the number 5");
  CHECK(
      problem<mcp::CompleteParams>(R"({"ref":{"type":"x"},"argument":{"name":"a","value":""}})") ==
      "/ref/type: expected \"ref/prompt\" or \"ref/resource\"");
  CHECK(problem<mcp::ReadResourceResult>(R"({"contents":[],"ttlMs":-1})") ==
        "/ttlMs: expected an integer of at least 0, found the number -1");
  CHECK(problem<mcp::ReadResourceResult>(R"({"contents":[],"cacheScope":"all"})") ==
        "/cacheScope: not one of the values that are defined: \"public\" or \"private\"");
  CHECK(problem<mcp::ElicitResult>(R"({"action":"yes"})") ==
        "/action: not one of the values that are defined: \"accept\", \"decline\" or \"cancel\"");
  CHECK(problem<mcp::InitializeParams>(
            R"({"protocolVersion":"x","capabilities":{"roots":5},"clientInfo":{}})") ==
        "/capabilities/roots: expected an object, found the number 5");
  CHECK(
      problem<mcp::CreateMessageParams>(
          R"({"maxTokens":1,"messages":[{"role":"user","content":[{"type":"resource_link","uri":"u","name":"n"}]}]})") ==
      "/messages/0/content/0/type: sampling content is \"text\", \"image\", \"audio\", "
      "\"tool_use\" or \"tool_result\"");
  CHECK(problem<mcp::InputRequiredResult>("{}") ==
        "\"input_required\" needs inputRequests, requestState or both");
  CHECK(problem<mcp::InputRequiredResult>(
            R"({"inputRequests":{"k":{"method":"tools/call","params":{}}}})") ==
        "/inputRequests/k/method: a server may ask elicitation/create, sampling/createMessage or "
        "roots/list");
  CHECK(problem<mcp::InputResponseParams>(R"({"inputResponses":null})") ==
        "/inputResponses: expected an object, found null");
  CHECK(problem<mcp::CancelledParams>(R"({"requestId":{}})") ==
        "/requestId: expected a string or an integer, found an object");
}

TEST_CASE("a name that the other side chose is cut in our message") {
  std::string name(100000, 'n');
  Json params = {{"name", "p"}, {"arguments", {{name, 1}}}};
  try {
    mcp::from_json<mcp::GetPromptParams>(params);
    FAIL("it was read");
  } catch (const mcp::Malformed& malformed) {
    CHECK(std::string(malformed.what()).size() < 300);
  }
}

TEST_CASE("null stands for an absent member, and unknown members are ignored") {
  auto tool = mcp::from_json<mcp::Tool>(Json::parse(
      R"({"name":"t","inputSchema":{},"description":null,"annotations":null,"icons":null,"new":1})"));
  CHECK(tool.description.empty());
  CHECK(mcp::from_json<mcp::CallToolParams>(Json::parse(R"({"name":"t","arguments":null})"))
            .arguments == Json::object());
  CHECK(mcp::from_json<mcp::ListParams>(nullptr).cursor == std::nullopt);
}

TEST_CASE("an empty cursor is a cursor") {
  CHECK(mcp::from_json<mcp::ListParams>(Json{{"cursor", ""}}).cursor == "");
  CHECK(mcp::from_json<mcp::ListToolsResult>(Json::parse(R"({"tools":[],"nextCursor":""})"))
            .next_cursor == "");
}

TEST_CASE("structured content may be null, and a result may hold it alone") {
  auto result = mcp::from_json<mcp::ToolResult>(Json::parse(R"({"structuredContent":null})"));
  REQUIRE(result.structured_content);
  CHECK(result.structured_content->is_null());
}

TEST_CASE("content of a later revision is kept") {
  Json value = {{"type", "hologram"}, {"data", "x"}};
  auto content = mcp::from_json<mcp::Content>(value);
  CHECK(std::get<mcp::UnknownContent>(content).value == value);
}

TEST_CASE("elicitation without modes means forms only") {
  auto read = [](const char* text) {
    return mcp::from_json<mcp::ClientCapabilities>(Json::parse(text));
  };
  CHECK(mcp::can(read(R"({"elicitation":{}})"), mcp::ClientFeature::elicit_form));
  CHECK_FALSE(mcp::can(read(R"({"elicitation":{}})"), mcp::ClientFeature::elicit_url));
  CHECK(mcp::can(read(R"({"elicitation":{"url":{}}})"), mcp::ClientFeature::elicit_url));
  CHECK_FALSE(mcp::can(read(R"({"elicitation":{"url":{}}})"), mcp::ClientFeature::elicit_form));
  CHECK_FALSE(mcp::can(read("{}"), mcp::ClientFeature::elicit_form));
  CHECK_FALSE(mcp::can(read(R"({"sampling":{}})"), mcp::ClientFeature::sampling_tools));
}

TEST_CASE("numbers that are too large are refused, tokens of any size are kept") {
  Json huge = mcp::make_number_text("123456789012345678901234567890");
  CHECK_THROWS_AS(
      mcp::from_json<mcp::ReadResourceResult>(Json{{"contents", Json::array()}, {"ttlMs", huge}}),
      mcp::Malformed);
  CHECK(mcp::from_json<mcp::CancelledParams>(Json{{"requestId", huge}}).request_id == huge);
  const Json third = mcp::make_number_text("0.333333333333333333333333");
  CHECK(mcp::from_json<mcp::ProgressParams>(Json{{"progressToken", 1}, {"progress", third}})
            .progress == 1.0 / 3);
  CHECK_THROWS_AS(mcp::from_json<mcp::ProgressParams>(
                      Json{{"progressToken", 1}, {"progress", mcp::make_number_text("1e999")}}),
                  mcp::Malformed);
  CHECK(problem<mcp::CreateMessageParams>(R"({"messages":[],"maxTokens":1e300})") ==
        "/maxTokens: expected an integer, found the number 1e+300");
  CHECK(problem<mcp::CreateMessageParams>(R"({"messages":[],"maxTokens":10.0})").empty());
}

TEST_CASE("tool names") {
  for (const char* name : {"a", "get_forecast", "my-tool.v2", "A9"}) {
    CAPTURE(name);
    CHECK(mcp::tool_name_problem(name).empty());
  }
  CHECK(mcp::tool_name_problem(std::string(128, 'a')).empty());
  for (const char* name : {"", "a b", "a/b", "é", "a\n"}) {
    CAPTURE(name);
    CHECK_FALSE(mcp::tool_name_problem(name).empty());
  }
  CHECK(mcp::tool_name_problem(std::string(129, 'a')) ==
        "a tool's name has at most 128 characters, this one has 129");
}

TEST_CASE("every tool use must be answered, and answers stand alone") {
  using mcp::Role;
  mcp::SamplingMessage use{Role::assistant, {mcp::ToolUseContent{.id = "1", .name = "t"}}};
  mcp::SamplingMessage answer{Role::user, {mcp::ToolResultContent{.tool_use_id = "1"}}};
  mcp::SamplingMessage mixed = answer;
  mixed.content.emplace_back(mcp::TextContent{.text = "and"});
  auto hello = mcp::sampling_text(Role::user, "hi");

  CHECK(mcp::sampling_problem({hello, use, answer}).empty());
  CHECK(mcp::sampling_problem({hello, use, mixed}) ==
        "/messages/2: a message with tool results must hold nothing else");
  CHECK(mcp::sampling_problem({hello, use, hello}) ==
        "/messages/2: a tool use of the message before is not answered");
  CHECK(mcp::sampling_problem({hello, use}) == "the last message's tool use is not answered");
  CHECK(mcp::sampling_problem({hello, answer}) ==
        "/messages/1: a tool result answers no tool use of the message before");
  CHECK(mcp::sampling_problem({{Role::user, use.content}, answer}) ==
        "/messages/0: only the assistant uses tools");
}
