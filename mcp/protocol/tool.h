#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mcp/protocol/content.h>

namespace mcp {

/// Hints about what a tool does; a client must not rely on those of a server it does not trust.
struct ToolAnnotations {
  std::string title = {};
  std::optional<bool> read_only_hint = {};    ///< changes nothing; absent means false
  std::optional<bool> destructive_hint = {};  ///< may delete or overwrite; absent means true
  std::optional<bool> idempotent_hint = {};   ///< again does no more; absent means false
  std::optional<bool> open_world_hint = {};   ///< reaches beyond the server; absent means true

  bool empty() const {
    return title.empty() && !read_only_hint && !destructive_hint && !idempotent_hint &&
           !open_world_hint;
  }
};

/// Whether a tool may or must run as a task (2025-11-25, `execution.taskSupport`).
enum class TaskSupport { forbidden, optional, required };

/// A tool as `tools/list` shows it.
struct Tool {
  std::string name;  ///< see `tool_name_problem`
  std::string title = {};
  std::string description = {};
  Json input_schema = {{"type", "object"}};  ///< JSON Schema; its root is an object
  std::optional<Json> output_schema = {};    ///< JSON Schema of `structured_content`
  ToolAnnotations annotations = {};
  std::optional<TaskSupport> task_support = {};
  std::vector<Icon> icons = {};
  Json meta = nullptr;
};

/// What a tool answers (the specification's CallToolResult).
struct ToolResult {
  std::vector<Content> content = {};
  std::optional<Json> structured_content = {};  ///< any JSON value; fits the tool's output schema
  bool is_error = false;                        ///< the tool failed, and the model should read why
  Json meta = nullptr;
};

/// A result of one text.
ToolResult text(std::string text);
/// A failure that the model should read.
ToolResult error_text(std::string text);
/// A result of one JSON value; its text is added for clients that show none of it otherwise.
ToolResult structured(Json value);

/// `tools/call`.
struct CallToolParams {
  std::string name;
  Json arguments = Json::object();  ///< an object
};

/// Why `name` is no tool name, and what would be; empty when it is one (1 to 128 of
/// `A-Za-z0-9_.-`).
std::string tool_name_problem(std::string_view name);

Json to_json(const ToolAnnotations& annotations, Revision revision);
/// Through 2025-11-25 an output schema whose root is not `"type": "object"` becomes
/// `{"type": "object", "properties": {"value": ...}}`.
Json to_json(const Tool& tool, Revision revision);
/// Without content, the text of `structured_content` is sent as content too. `output_schema` is the
/// tool's own, or null; it decides with the revision whether structured content travels as
/// `{"value": ...}`, so that the result fits the schema that was sent.
Json to_json(ToolResult result, Revision revision, const Json* output_schema = nullptr);
Json to_json(const CallToolParams& params, Revision revision);

/// Whether structured content is sent as `{"value": ...}` for a tool of this output schema.
bool wraps_structured_content(const Json& output_schema, Revision revision);

template <>
Tool from_json<Tool>(const Json& value);
template <>
ToolResult from_json<ToolResult>(const Json& value);
/// Absent (or null) arguments are `{}`.
template <>
CallToolParams from_json<CallToolParams>(const Json& value);

}  // namespace mcp
