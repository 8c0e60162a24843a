#pragma once

#include <mcp/protocol/protocol.h>

// Values with every member set: what a revision drops can be seen to be dropped.

namespace samples {

using mcp::Json;

inline mcp::Icon icon() {
  return {.src = "https://example.com/i.png",
          .mime_type = "image/png",
          .sizes = {"48x48"},
          .theme = mcp::IconTheme::dark};
}

inline mcp::Annotations annotations() {
  return {.audience = {mcp::Role::user}, .priority = 0.5, .last_modified = "2025-01-12T15:00:58Z"};
}

inline Json meta() {
  return {{"com.example/key", 1}};
}

inline mcp::Implementation implementation() {
  return {.name = "weather",
          .version = "1.0.0",
          .title = "Weather",
          .description = "Knows the weather",
          .website_url = "https://example.com",
          .icons = {icon()}};
}

inline mcp::Tool tool() {
  return {.name = "forecast",
          .title = "Forecast",
          .description = "Tells the weather",
          .input_schema = {{"type", "object"}, {"properties", {{"city", {{"type", "string"}}}}}},
          .output_schema = Json{{"type", "object"}, {"properties", {{"c", {{"type", "number"}}}}}},
          .annotations = {.title = "F", .read_only_hint = true, .destructive_hint = false},
          .task_support = mcp::TaskSupport::optional,
          .icons = {icon()},
          .meta = meta()};
}

inline mcp::Content text() {
  return mcp::TextContent{.text = "hello", .annotations = annotations(), .meta = meta()};
}
inline mcp::Content image() {
  return mcp::ImageContent{
      .data = "AAAA", .mime_type = "image/png", .annotations = annotations(), .meta = meta()};
}
inline mcp::Content audio() {
  return mcp::AudioContent{
      .data = "AAAAAA==", .mime_type = "audio/wav", .annotations = annotations(), .meta = meta()};
}
inline mcp::Content link() {
  return mcp::ResourceLink{.uri = "file:///a",
                           .name = "a",
                           .title = "A",
                           .description = "first",
                           .mime_type = "text/plain",
                           .annotations = annotations(),
                           .size = 5,
                           .icons = {icon()},
                           .meta = meta()};
}
inline mcp::Content embedded_text() {
  return mcp::EmbeddedResource{
      .resource = {.uri = "file:///a", .mime_type = "text/plain", .text = "inside", .meta = meta()},
      .annotations = annotations(),
      .meta = meta()};
}
inline mcp::Content embedded_blob() {
  return mcp::EmbeddedResource{.resource = {.uri = "file:///b", .blob = "AAAA"}};
}
inline std::vector<mcp::Content> every_content() {
  return {text(),
          image(),
          audio(),
          link(),
          embedded_text(),
          embedded_blob(),
          mcp::UnknownContent{{{"type", "hologram"}}}};
}

inline mcp::ToolResult tool_result() {
  return {.content = every_content(),
          .structured_content = Json{{"c", 21.5}},
          .is_error = true,
          .meta = meta()};
}

inline mcp::Resource resource() {
  return {.uri = "file:///a",
          .name = "a",
          .title = "A",
          .description = "first",
          .mime_type = "text/plain",
          .annotations = annotations(),
          .size = 5,
          .icons = {icon()},
          .meta = meta()};
}

inline mcp::ResourceTemplate resource_template() {
  return {.uri_template = "file:///{name}",
          .name = "files",
          .title = "Files",
          .description = "all",
          .mime_type = "text/plain",
          .annotations = annotations(),
          .icons = {icon()},
          .meta = meta()};
}

inline mcp::Prompt prompt() {
  return {
      .name = "review",
      .title = "Review",
      .description = "Looks at code",
      .arguments = {{.name = "code", .title = "Code", .description = "which", .required = true}},
      .icons = {icon()},
      .meta = meta()};
}

inline mcp::PromptResult prompt_result() {
  mcp::PromptResult result{.messages = {}, .description = "d", .meta = meta()};
  for (auto& content : every_content()) result.messages.push_back({mcp::Role::user, content});
  return result;
}

inline mcp::ClientCapabilities client_capabilities() {
  return {.roots = mcp::RootsCapability{.list_changed = true},
          .sampling = mcp::SamplingCapability{.context = true, .tools = true},
          .elicitation = mcp::ElicitationCapability{.form = true, .url = true},
          .tasks = {{"list", Json::object()}},
          .experimental = {{"x", Json::object()}},
          .extensions = {{"io.modelcontextprotocol/tasks", Json::object()}}};
}

inline mcp::ServerCapabilities server_capabilities() {
  return {.logging = true,
          .completions = true,
          .prompts = mcp::ListCapability{.list_changed = true},
          .resources = mcp::ResourcesCapability{.subscribe = true, .list_changed = true},
          .tools = mcp::ListCapability{.list_changed = true},
          .tasks = {{"list", Json::object()}},
          .experimental = {{"x", Json::object()}},
          .extensions = {{"io.modelcontextprotocol/tasks", Json::object()}}};
}

inline mcp::CreateMessageParams create_message() {
  mcp::CreateMessageParams params{
      .messages = {mcp::sampling_text(mcp::Role::user, "hi"),
                   {.role = mcp::Role::assistant,
                    .content = {mcp::TextContent{.text = "let me see"},
                                mcp::ToolUseContent{.id = "u1",
                                                    .name = "forecast",
                                                    .input = {{"city", "Oslo"}},
                                                    .meta = meta()}},
                    .meta = meta()},
                   {.role = mcp::Role::user,
                    .content = {mcp::ToolResultContent{.tool_use_id = "u1",
                                                       .content = {text(), audio(), link()},
                                                       .structured_content = Json(5),
                                                       .is_error = true}}},
                   {.role = mcp::Role::user, .content = {std::get<mcp::AudioContent>(audio())}}},
      .max_tokens = 100,
      .model_preferences = mcp::ModelPreferences{.hints = {{"claude"}, {}},
                                                 .cost_priority = 0.1,
                                                 .speed_priority = 0.2,
                                                 .intelligence_priority = 1},
      .system_prompt = "be brief",
      .include_context = mcp::IncludeContext::this_server,
      .temperature = 0.5,
      .stop_sequences = {"END"},
      .metadata = {{"k", 1}},
      .tools = {tool()},
      .tool_choice = mcp::ToolChoice::required};
  return params;
}

inline Json form_schema() {
  return mcp::ElicitSchema()
      .text("name", {.title = "Name"},
            {.min_length = 1, .format = "email", .default_value = "a@b.c"})
      .integer("age", {.description = "years"}, {.minimum = 0, .maximum = 150, .default_value = 30})
      .boolean("ok", {}, true)
      .choice("size", {{"s", "Small"}, {"l", "Large"}}, {.required = false}, "s")
      .choice("plain", {{"a"}, {"b"}})
      .choices("many", {{"x", "First"}, {"y", "Second"}}, {.required = false})
      .choices("some", {{"x"}, {"y"}}, {.required = false}, {.max_items = 2});
}

inline mcp::ElicitParams form() {
  return mcp::ElicitFormParams{.message = "Who?", .requested_schema = form_schema()};
}
inline mcp::ElicitParams page() {
  return mcp::ElicitUrlParams{
      .message = "Sign in", .url = "https://example.com/x", .elicitation_id = "e1"};
}

}  // namespace samples
