// What this library sends, checked with the JSON schema that each revision publishes. The schemas
// are no part of this repository; where they are absent the program says so and counts as skipped.

#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>

#include <mcp/schema/schema.h>

#include "samples.h"

using mcp::Json;
using mcp::Revision;

namespace {

constexpr int skipped = 77;

const Json& document(Revision revision) {
  static std::map<Revision, Json> documents;
  auto known = documents.find(revision);
  if (known == documents.end()) {
    std::ifstream file(std::string(MCP_SCHEMAS) + "/" + std::string(mcp::to_string(revision)) +
                       ".json");
    REQUIRE(file.good());
    known = documents.emplace(revision, Json::parse(file)).first;
  }
  return known->second;
}

/// The mistakes of `message` by the revision's definition of this name; "ok" when there are none.
std::string judged(const Json& message, const char* definition, Revision revision) {
  Json schema = document(revision);
  const char* definitions = schema.contains("$defs") ? "$defs" : "definitions";
  if (!schema[definitions].contains(definition)) return "no such definition";
  schema["$ref"] = std::string("#/") + definitions + "/" + definition;
  auto errors = mcp::schema::Schema::compile(schema).validate(message);
  return errors.empty() ? "ok" : mcp::schema::summary(errors) + " in " + message.dump();
}

/// Checks what `value` becomes for each revision from `first` on.
template <class T>
void conforms(const T& value, const char* definition, Revision first = Revision::v2024_11_05,
              Revision last = Revision::v2026_07_28) {
  for (Revision revision : mcp::all_revisions) {
    if (revision < first || revision > last) continue;
    CAPTURE(definition);
    CAPTURE(mcp::to_string(revision));
    CHECK(judged(to_json(value, revision), definition, revision) == "ok");
  }
}

constexpr auto v3 = Revision::v2025_06_18;
constexpr auto v4 = Revision::v2025_11_25;
constexpr auto v5 = Revision::v2026_07_28;

}  // namespace

int main(int argc, char** argv) {
  if (!std::filesystem::is_directory(MCP_SCHEMAS)) {
    std::printf("skipped: the revisions' schemas are not in %s\n", MCP_SCHEMAS);
    return skipped;
  }
  return doctest::Context(argc, argv).run();
}

TEST_CASE("the judge refuses what is wrong") {
  for (Revision revision : mcp::all_revisions) {
    CHECK(judged({{"name", 5}}, "Tool", revision) != "ok");
    CHECK(judged(Json::object(), "CallToolResult", revision) != "ok");
  }
}

TEST_CASE("every definition of every revision compiles") {
  for (Revision revision : mcp::all_revisions) {
    CAPTURE(mcp::to_string(revision));
    const Json& whole = document(revision);
    const std::string section = whole.contains("$defs") ? "$defs" : "definitions";
    int compiled = 0;
    for (const auto& [name, definition] : whole.at(section).items()) {
      CAPTURE(name);
      Json schema = whole;
      schema["$ref"] = "#/" + section + "/" + name;
      CHECK_NOTHROW(mcp::schema::Schema::compile(schema));
      ++compiled;
    }
    CHECK(compiled > 70);
  }
}

TEST_CASE("tools and their results") {
  conforms(samples::tool(), "Tool");
  conforms(mcp::Tool{.name = "bare"}, "Tool");
  conforms(mcp::Tool{.name = "list", .output_schema = Json{{"type", "array"}}}, "Tool");
  conforms(mcp::Tool{.name = "any", .output_schema = Json(true)}, "Tool");
  conforms(mcp::ListToolsResult{.items = {samples::tool(), {.name = "bare"}}, .next_cursor = ""},
           "ListToolsResult");
  conforms(mcp::CallToolParams{.name = "t"}, "CallToolRequestParams", v4, v4);
  for (Revision revision : mcp::all_revisions) {
    CAPTURE(mcp::to_string(revision));
    for (const mcp::ToolResult& result :
         {samples::tool_result(), mcp::text("t"), mcp::error_text("e"), mcp::ToolResult{},
          mcp::structured({1, 2}), mcp::structured(nullptr), mcp::structured({{"a", 1}})}) {
      CHECK(judged(to_json(result, revision), "CallToolResult", revision) == "ok");
    }
  }
}

TEST_CASE("resources") {
  conforms(samples::resource(), "Resource");
  conforms(samples::resource_template(), "ResourceTemplate");
  conforms(mcp::ListResourcesResult{.items = {samples::resource(), {.uri = "a:b", .name = "n"}}},
           "ListResourcesResult");
  conforms(mcp::ListResourceTemplatesResult{.items = {samples::resource_template()}},
           "ListResourceTemplatesResult");
  mcp::ReadResourceResult read{
      .contents = {mcp::text_contents("file:///a", "t"), mcp::blob_contents("file:///b", {})},
      .cache = {.ttl_ms = 5000, .scope = mcp::CacheScope::public_},
      .meta = samples::meta()};
  conforms(read, "ReadResourceResult");
}

TEST_CASE("prompts") {
  conforms(samples::prompt(), "Prompt");
  conforms(mcp::ListPromptsResult{.items = {samples::prompt()}}, "ListPromptsResult");
  conforms(samples::prompt_result(), "GetPromptResult");
}

TEST_CASE("capabilities and the first exchange") {
  conforms(samples::client_capabilities(), "ClientCapabilities");
  conforms(samples::server_capabilities(), "ServerCapabilities");
  conforms(mcp::ClientCapabilities{}, "ClientCapabilities");
  conforms(mcp::ServerCapabilities{}, "ServerCapabilities");
  conforms(samples::implementation(), "Implementation");
  mcp::InitializeResult initialized{.protocol_version = "2025-11-25",
                                    .capabilities = samples::server_capabilities(),
                                    .server_info = samples::implementation(),
                                    .instructions = "i"};
  conforms(initialized, "InitializeResult", Revision::v2024_11_05, v4);
  mcp::DiscoverResult discovered{.supported_versions = mcp::supported_versions(),
                                 .capabilities = samples::server_capabilities(),
                                 .instructions = "i"};
  Json json = to_json(discovered, v5);
  add_server_info(json, samples::implementation(), v5);
  CHECK(judged(json, "DiscoverResult", v5) == "ok");
}

TEST_CASE("requests carry their metadata") {
  Json params = to_json(mcp::CallToolParams{.name = "t", .arguments = {{"a", 1}}}, v5);
  mcp::RequestMeta meta{.progress_token = "p",
                        .trace = {.traceparent = "00-1-2-01"},
                        .client_info = samples::implementation(),
                        .client_capabilities = samples::client_capabilities(),
                        .log_level = mcp::LoggingLevel::info,
                        .other = samples::meta()};
  add_request_meta(params, meta, v5);
  mcp::add_input_responses(
      params, {.input_responses = {{"k", {{"action", "cancel"}}}}, .request_state = "s"});
  CHECK(judged(params, "CallToolRequestParams", v5) == "ok");
}

TEST_CASE("completion, logging, notifications") {
  conforms(mcp::CompleteResult{.values = {"a"}, .total = 1, .has_more = true}, "CompleteResult");
  conforms(mcp::CompleteResult{.values = std::vector<std::string>(200, "v")}, "CompleteResult");
  conforms(
      mcp::LoggingMessageParams{.level = mcp::LoggingLevel::emergency, .data = {1}, .logger = "l"},
      "LoggingMessageNotificationParams", v4);
  conforms(mcp::ProgressParams{.progress_token = 1, .progress = 0.5, .total = 1, .message = "m"},
           "ProgressNotificationParams", v4);
  conforms(mcp::CancelledParams{.request_id = "x", .reason = "r"}, "CancelledNotificationParams",
           v4);
  conforms(mcp::ResourceUpdatedParams{.uri = "file:///a"}, "ResourceUpdatedNotificationParams", v4);
  mcp::SubscriptionFilter filter{true, true, true, {"file:///a"}, {}};
  conforms(filter, "SubscriptionFilter", v5);
  conforms(mcp::SubscriptionParams{filter}, "SubscriptionsAcknowledgedNotificationParams", v5);
  for (Revision revision : mcp::all_revisions) {
    if (revision >= v4) continue;
    Json notification = {{"method", "notifications/progress"},
                         {"params", to_json(mcp::ProgressParams{.progress_token = "t"}, revision)}};
    CHECK(judged(notification, "ProgressNotification", revision) == "ok");
  }
}

TEST_CASE("what is asked of the client, and what it answers") {
  for (Revision revision : mcp::all_revisions) {
    CAPTURE(mcp::to_string(revision));
    Json request = {{"jsonrpc", "2.0"}, {"id", 1}, {"method", "sampling/createMessage"}};
    request["params"] = to_json(samples::create_message(), revision);
    CHECK(judged(request, "CreateMessageRequest", revision) == "ok");
    if (revision < v3) continue;
    request["method"] = "elicitation/create";
    request["params"] = to_json(samples::form(), revision);
    CHECK(judged(request, "ElicitRequest", revision) == "ok");
    if (revision < v4) continue;
    request["params"] = to_json(samples::page(), revision);
    CHECK(judged(request, "ElicitRequest", revision) == "ok");
  }
  mcp::CreateMessageResult sampled{
      .content = {mcp::TextContent{.text = "a"}, std::get<mcp::AudioContent>(samples::audio())},
      .model = "m",
      .stop_reason = "endTurn",
      .meta = samples::meta()};
  conforms(sampled, "CreateMessageResult");
  sampled.content = {std::get<mcp::AudioContent>(samples::audio())};
  conforms(sampled, "CreateMessageResult");
  conforms(mcp::ListRootsResult{.roots = {{"file:///a", "A", samples::meta()}, {"file:///b"}}},
           "ListRootsResult");
  conforms(mcp::ElicitResult{mcp::ElicitAction::accept, {{"a", "b"}, {"n", 1}}}, "ElicitResult",
           v3);
  conforms(mcp::ElicitResult{mcp::ElicitAction::decline}, "ElicitResult", v3);
  mcp::InputRequiredResult asked{.input_requests = {{"a", samples::form()},
                                                    {"b", samples::page()},
                                                    {"c", samples::create_message()},
                                                    {"d", mcp::ListRootsParams{}}},
                                 .request_state = "s",
                                 .meta = samples::meta()};
  conforms(asked, "InputRequiredResult", v5);
}

TEST_CASE("errors") {
  Json error = {{"jsonrpc", "2.0"}, {"id", 1}};
  auto unsupported = mcp::unsupported_protocol_version("x");
  error["error"] = {
      {"code", unsupported.code()}, {"message", unsupported.what()}, {"data", unsupported.data()}};
  CHECK(judged(error, "UnsupportedProtocolVersionError", v5) == "ok");
  for (auto feature : {mcp::ClientFeature::elicit_form, mcp::ClientFeature::elicit_url,
                       mcp::ClientFeature::sampling, mcp::ClientFeature::sampling_tools,
                       mcp::ClientFeature::roots}) {
    error["error"] = {{"code", -32021},
                      {"message", std::string(mcp::describe_missing(feature))},
                      {"data", {{"requiredCapabilities", mcp::required_capabilities(feature)}}}};
    CHECK(judged(error, "MissingRequiredClientCapabilityError", v5) == "ok");
  }
}
