// The table "feature x revision": one check for each cell.

#include <doctest/doctest.h>

#include <array>
#include <functional>

#include "samples.h"

using mcp::Json;
using mcp::Revision;

namespace {

constexpr auto v1 = Revision::v2024_11_05;
constexpr auto v2 = Revision::v2025_03_26;
constexpr auto v3 = Revision::v2025_06_18;
constexpr auto v4 = Revision::v2025_11_25;
constexpr auto v5 = Revision::v2026_07_28;

/// A member that is sent from one revision to another, and dropped outside.
struct Row {
  const char* what;
  std::function<Json(Revision)> write;
  const char* pointer;
  Revision first = v1;
  Revision last = v5;
};

template <class T>
std::function<Json(Revision)> writer(T value) {
  return [value](Revision revision) { return to_json(value, revision); };
}

std::vector<Row> rows() {
  auto tool = writer(samples::tool());
  auto result = [](Revision r) { return to_json(samples::tool_result(), r); };
  auto resource = writer(samples::resource());
  auto resource_template = writer(samples::resource_template());
  auto prompt = writer(samples::prompt());
  auto implementation = writer(samples::implementation());
  auto client = writer(samples::client_capabilities());
  auto server = writer(samples::server_capabilities());
  auto sampling = writer(samples::create_message());
  auto progress = writer(mcp::ProgressParams{.progress_token = 1, .message = "m"});
  auto completion =
      writer(mcp::CompleteParams{mcp::PromptReference{"p"}, "a", "v", {{"other", "x"}}});
  auto read = writer(mcp::ReadResourceResult{.contents = {mcp::text_contents("u:1", "t")}});
  auto tools = writer(mcp::ListToolsResult{.items = {samples::tool()}});
  auto discover = writer(mcp::DiscoverResult{});
  auto page = writer(samples::page());
  auto prompts = writer(samples::prompt_result());
  return {
      {"tool: title", tool, "/title", v3},
      {"tool: outputSchema", tool, "/outputSchema", v3},
      {"tool: annotations", tool, "/annotations", v2},
      {"tool: execution", tool, "/execution", v4, v4},
      {"tool: icons", tool, "/icons", v4},
      {"tool: _meta", tool, "/_meta", v3},
      {"tool result: structuredContent", result, "/structuredContent", v3},
      {"tool result: _meta", result, "/_meta", v1},
      {"tool result: resultType", result, "/resultType", v5},
      {"text: annotations", result, "/content/0/annotations", v1},
      {"text: lastModified", result, "/content/0/annotations/lastModified", v3},
      {"text: _meta", result, "/content/0/_meta", v3},
      {"image: data", result, "/content/1/data", v1},
      {"image: _meta", result, "/content/1/_meta", v3},
      {"audio: data", result, "/content/2/data", v2},
      {"audio as text: annotations", result, "/content/2/annotations", v1},
      {"link: uri", result, "/content/3/uri", v3},
      {"link: icons", result, "/content/3/icons", v4},
      {"embedded: resource", result, "/content/4/resource/uri", v1},
      {"embedded: resource _meta", result, "/content/4/resource/_meta", v3},
      {"resource: title", resource, "/title", v3},
      {"resource: size", resource, "/size", v1},
      {"resource: icons", resource, "/icons", v4},
      {"resource: _meta", resource, "/_meta", v3},
      {"resource: lastModified", resource, "/annotations/lastModified", v3},
      {"template: title", resource_template, "/title", v3},
      {"template: icons", resource_template, "/icons", v4},
      {"template: _meta", resource_template, "/_meta", v3},
      {"prompt: title", prompt, "/title", v3},
      {"prompt: icons", prompt, "/icons", v4},
      {"prompt: _meta", prompt, "/_meta", v3},
      {"prompt argument: title", prompt, "/arguments/0/title", v3},
      {"prompt result: resultType", prompts, "/resultType", v5},
      {"implementation: title", implementation, "/title", v3},
      {"implementation: description", implementation, "/description", v4},
      {"implementation: websiteUrl", implementation, "/websiteUrl", v4},
      {"implementation: icons", implementation, "/icons", v4},
      {"client: roots", client, "/roots", v1},
      {"client: roots.listChanged", client, "/roots/listChanged", v1, v4},
      {"client: sampling", client, "/sampling", v1},
      {"client: sampling.tools", client, "/sampling/tools", v4},
      {"client: sampling.context", client, "/sampling/context", v4},
      {"client: elicitation", client, "/elicitation", v3},
      {"client: elicitation.form", client, "/elicitation/form", v4},
      {"client: elicitation.url", client, "/elicitation/url", v4},
      {"client: tasks", client, "/tasks", v4, v4},
      {"client: experimental", client, "/experimental", v1},
      {"client: extensions", client, "/extensions", v5},
      {"server: logging", server, "/logging", v1},
      {"server: completions", server, "/completions", v2},
      {"server: tools.listChanged", server, "/tools/listChanged", v1},
      {"server: tasks", server, "/tasks", v4, v4},
      {"server: extensions", server, "/extensions", v5},
      {"sampling: tools", sampling, "/tools", v4},
      {"sampling: toolChoice", sampling, "/toolChoice", v4},
      {"sampling: includeContext", sampling, "/includeContext", v1},
      {"progress: message", progress, "/message", v2},
      {"completion: context", completion, "/context", v3},
      {"read: ttlMs", read, "/ttlMs", v5},
      {"read: cacheScope", read, "/cacheScope", v5},
      {"read: resultType", read, "/resultType", v5},
      {"list: ttlMs", tools, "/ttlMs", v5},
      {"list: cacheScope", tools, "/cacheScope", v5},
      {"list: resultType", tools, "/resultType", v5},
      {"discover: resultType", discover, "/resultType", v5},
      {"page: elicitationId", page, "/elicitationId", v1, v4},
  };
}

}  // namespace

TEST_CASE("each member is sent by the revisions that have it and dropped by the others") {
  for (const Row& row : rows()) {
    for (Revision revision : mcp::all_revisions) {
      CAPTURE(row.what);
      CAPTURE(mcp::to_string(revision));
      bool wanted = revision >= row.first && revision <= row.last;
      // Only the revision that mints them has ids of elicitations; before, there is no URL mode.
      if (std::string_view(row.what) == "page: elicitationId") wanted = revision == v4;
      CHECK(row.write(revision).contains(Json::json_pointer(row.pointer)) == wanted);
    }
  }
}

TEST_CASE("audio is told as text to revisions without it") {
  for (Revision revision : mcp::all_revisions) {
    CAPTURE(mcp::to_string(revision));
    Json content = to_json(samples::audio(), revision);
    if (revision >= v2) {
      CHECK(content["type"] == "audio");
    } else {
      CHECK(content["type"] == "text");
      CHECK(content["text"] == "[audio: audio/wav, 4 bytes]");
    }
  }
}

TEST_CASE("a link is told as text to revisions without it") {
  for (Revision revision : mcp::all_revisions) {
    CAPTURE(mcp::to_string(revision));
    Json content = to_json(samples::link(), revision);
    if (revision >= v3) {
      CHECK(content["type"] == "resource_link");
    } else {
      CHECK(content["type"] == "text");
      CHECK(content["text"] == "[resource link: a <file:///a>, first]");
    }
  }
}

TEST_CASE("content that nobody knows is told as text") {
  for (Revision revision : mcp::all_revisions) {
    Json content = to_json(mcp::Content(mcp::UnknownContent{{{"type", "hologram"}}}), revision);
    CHECK(content == Json{{"type", "text"}, {"text", "[content of unknown type hologram]"}});
  }
}

TEST_CASE("structured content that is no object travels as {\"value\": ...} where it must be one") {
  const Json schema = {{"type", "array"}, {"items", {{"type", "integer"}}}};
  mcp::Tool tool{.name = "t", .output_schema = schema};
  const Json wrapped = {
      {"type", "object"}, {"properties", {{"value", schema}}}, {"required", {"value"}}};
  const std::array<Json, 5> results = {
      nullptr, nullptr, {{"value", {1, 2}}}, {{"value", {1, 2}}}, {1, 2}};
  const std::array<Json, 5> schemas = {nullptr, nullptr, wrapped, wrapped, schema};
  for (std::size_t i = 0; i < 5; ++i) {
    Revision revision = mcp::all_revisions[i];
    CAPTURE(mcp::to_string(revision));
    Json result = to_json(mcp::structured({1, 2}), revision, &schema);
    CHECK(result.value("structuredContent", Json()) == results[i]);
    CHECK(to_json(mcp::structured({1, 2}), revision).value("structuredContent", Json()) ==
          results[i]);
    CHECK(result["content"] == Json::array({{{"type", "text"}, {"text", "[1,2]"}}}));
    CHECK(to_json(tool, revision).value("outputSchema", Json()) == schemas[i]);
  }
}

TEST_CASE("the schema decides what is wrapped, not the value of the moment") {
  const Json schema = {{"anyOf", {{{"type", "object"}}, {{"type", "null"}}}}};
  auto sent = [&](Json value, Revision revision) {
    return to_json(mcp::structured(std::move(value)), revision, &schema)["structuredContent"];
  };
  CHECK(sent({{"a", 1}}, v4) == Json{{"value", {{"a", 1}}}});
  CHECK(sent(nullptr, v4) == Json{{"value", nullptr}});
  CHECK(sent({{"a", 1}}, v5) == Json{{"a", 1}});
  CHECK(sent(nullptr, v5) == Json(nullptr));
}

TEST_CASE("references inside a wrapped schema still lead to where they led") {
  mcp::Tool tool{.name = "t"};
  tool.output_schema = Json::parse(R"({"$schema":"https://json-schema.org/draft/2020-12/schema",
    "type":"array","items":{"$ref":"#/$defs/n"},"contains":{"$ref":"#"},
    "default":{"$ref":"#/x"},
    "$defs":{"n":{"type":"integer"},"own":{"$id":"urn:x","$ref":"#/y"}}})");
  Json sent = to_json(tool, v4)["outputSchema"];
  CHECK(sent["$schema"] == "https://json-schema.org/draft/2020-12/schema");
  const Json& value = sent["properties"]["value"];
  CHECK_FALSE(value.contains("$schema"));
  CHECK(value["items"]["$ref"] == "#/properties/value/$defs/n");
  CHECK(value["contains"]["$ref"] == "#/properties/value");
  CHECK(value["default"]["$ref"] == "#/x");
  CHECK(value["$defs"]["own"]["$ref"] == "#/y");
}

TEST_CASE("the message of a text tool is small and exact") {
  CHECK(to_json(mcp::text("hi"), v4) ==
        Json::parse(R"({"content":[{"type":"text","text":"hi"}]})"));
  CHECK(to_json(mcp::text("hi"), v5) ==
        Json::parse(R"({"content":[{"type":"text","text":"hi"}],"resultType":"complete"})"));
  CHECK(to_json(mcp::error_text("no"), v1) ==
        Json::parse(R"({"content":[{"type":"text","text":"no"}],"isError":true})"));
  CHECK(to_json(mcp::ToolResult{}, v1) == Json::parse(R"({"content":[]})"));
}

TEST_CASE("a completion holds at most 100 values") {
  mcp::CompleteResult result;
  for (int i = 0; i < 150; ++i) result.values.push_back(std::to_string(i));
  Json sent = to_json(result, v4)["completion"];
  CHECK(sent["values"].size() == 100);
  CHECK(sent["values"][99] == "99");
  CHECK(sent["hasMore"] == true);
  CHECK(sent["total"] == 150);
}

TEST_CASE("several blocks of a message become several messages where one may hold only one") {
  Json before = to_json(samples::create_message(), v3)["messages"];
  REQUIRE(before.size() == 5);
  CHECK(before[1]["content"]["text"] == "let me see");
  CHECK(before[2]["role"] == "assistant");
  CHECK(before[2]["content"]["text"] == R"([tool use u1: forecast {"city":"Oslo"}])");
  CHECK(before[3]["content"]["type"] == "text");
  Json after = to_json(samples::create_message(), v4)["messages"];
  REQUIRE(after.size() == 4);
  CHECK(after[1]["content"].size() == 2);
  CHECK(after[2]["content"]["structuredContent"] == Json{{"value", 5}});
  CHECK(to_json(samples::create_message(), v5)["messages"][2]["content"]["structuredContent"] == 5);
}

TEST_CASE("a sampled answer of several blocks is joined where only one may travel") {
  mcp::CreateMessageResult result{
      .content = {mcp::TextContent{.text = "a"}, mcp::TextContent{.text = "b"}}, .model = "m"};
  CHECK(to_json(result, v3)["content"]["text"] == "ab");
  CHECK(to_json(result, v4)["content"].size() == 2);
  result.content = {mcp::ImageContent{.data = "AAAA", .mime_type = "image/png"},
                    mcp::ImageContent{.data = "BBBB", .mime_type = "image/png"}};
  CHECK(to_json(result, v3)["content"]["data"] == "AAAA");
}
