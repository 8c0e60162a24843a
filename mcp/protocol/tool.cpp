#include <mcp/protocol/tool.h>

#include <algorithm>
#include <array>
#include <utility>

#include <mcp/base/ascii.h>
#include <mcp/jsonrpc/codec.h>
#include <mcp/protocol/meta.h>
#include <mcp/protocol/object_reader.h>
#include <mcp/protocol/object_writer.h>

namespace mcp {

using protocol::ObjectReader;
using protocol::ObjectWriter;

namespace {

constexpr std::array<std::pair<std::string_view, TaskSupport>, 3> task_support_names = {
    {{"forbidden", TaskSupport::forbidden},
     {"optional", TaskSupport::optional},
     {"required", TaskSupport::required}}};

bool has_object_root(const Json& schema) {
  if (!schema.is_object()) return false;
  auto type = schema.find("type");
  return type != schema.end() && *type == "object";
}

/// Lets references to the schema's own root follow it to `/properties/value`. What has an `$id` of
/// its own is a root of its own; data (`const`, `default`, ...) holds no references.
void move_references(Json& schema) {
  if (schema.is_array()) {
    for (Json& item : schema) move_references(item);
    return;
  }
  if (!schema.is_object() || (schema.contains("$id") && schema["$id"].is_string())) return;
  for (auto& [key, value] : schema.items()) {
    if (key == "const" || key == "enum" || key == "default" || key == "examples") continue;
    if (key == "$ref" && value.is_string()) {
      auto& reference = value.get_ref<std::string&>();
      if (reference == "#" || reference.starts_with("#/")) {
        reference.insert(1, "/properties/value");
      }
    } else {
      move_references(value);
    }
  }
}

Json as_schema_object(const Json& schema) {
  if (!schema.is_boolean()) return schema;
  return schema.get<bool>() ? Json::object() : Json{{"not", Json::object()}};
}

Json wrapped_output_schema(const Json& output_schema) {
  Json value = as_schema_object(output_schema);
  move_references(value);
  ObjectWriter out;
  // The dialect holds for the whole document, so it is stated at its root.
  if (auto dialect = value.find("$schema"); dialect != value.end()) {
    out.set("$schema", *dialect);
    value.erase(dialect);
  }
  return out.set("type", "object")
      .set("properties", Json{{"value", std::move(value)}})
      .set("required", Json::array({"value"}))
      .take();
}

}  // namespace

ToolResult text(std::string text) {
  ToolResult result;
  result.content.emplace_back(TextContent{.text = std::move(text)});
  return result;
}

ToolResult error_text(std::string text) {
  ToolResult result = mcp::text(std::move(text));
  result.is_error = true;
  return result;
}

ToolResult structured(Json value) {
  return {.structured_content = std::move(value)};
}

std::string tool_name_problem(std::string_view name) {
  if (name.empty()) return "a tool's name must not be empty";
  if (name.size() > 128) {
    return "a tool's name has at most 128 characters, this one has " + std::to_string(name.size());
  }
  auto allowed = [](char c) {
    return is_ascii_alphanumeric(c) || c == '_' || c == '-' || c == '.';
  };
  auto bad = std::find_if_not(name.begin(), name.end(), allowed);
  if (bad == name.end()) return {};
  return "the tool's name \"" + std::string(name) + "\" may only hold A-Z, a-z, 0-9, _, - and .";
}

bool wraps_structured_content(const Json& output_schema, Revision revision) {
  return object_only_structured_content(revision) && !has_object_root(output_schema);
}

Json to_json(const ToolAnnotations& annotations, Revision) {
  return ObjectWriter()
      .text("title", annotations.title)
      .optional("readOnlyHint", annotations.read_only_hint)
      .optional("destructiveHint", annotations.destructive_hint)
      .optional("idempotentHint", annotations.idempotent_hint)
      .optional("openWorldHint", annotations.open_world_hint)
      .take();
}

Json to_json(const Tool& tool, Revision revision) {
  ObjectWriter out;
  out.set("name", tool.name)
      .text("description", tool.description)
      .set("inputSchema", tool.input_schema);
  if (has_title(revision)) out.text("title", tool.title);
  if (tool.output_schema && has_structured_content(revision)) {
    out.set("outputSchema", wraps_structured_content(*tool.output_schema, revision)
                                ? wrapped_output_schema(*tool.output_schema)
                                : as_schema_object(*tool.output_schema));
  }
  if (has_tool_annotations(revision) && !tool.annotations.empty()) {
    out.set("annotations", to_json(tool.annotations, revision));
  }
  if (has_execution(revision) && tool.task_support) {
    auto support = static_cast<std::size_t>(*tool.task_support);
    out.set("execution", Json{{"taskSupport", task_support_names[support].first}});
  }
  if (has_icons(revision)) out.optional_list("icons", tool.icons, revision);
  return out.item_meta(tool.meta, revision).take();
}

Json to_json(ToolResult result, Revision revision, const Json* output_schema) {
  Json::array_t content;
  content.reserve(result.content.size());
  for (Content& block : result.content) {
    // Texts are most of what tools answer; they move without a copy.
    auto* text_block = std::get_if<TextContent>(&block);
    if (text_block && text_block->annotations.empty() && text_block->meta.is_null()) {
      Json::object_t members;
      members.emplace("text", std::move(text_block->text));
      members.emplace("type", "text");
      content.emplace_back(std::move(members));
    } else {
      content.push_back(to_json(block, revision));
    }
  }
  if (content.empty() && result.structured_content) {
    content.push_back(
        Json{{"type", "text"}, {"text", jsonrpc::encode_value(*result.structured_content)}});
  }
  ObjectWriter out;
  out.set("content", std::move(content));
  if (result.structured_content && has_structured_content(revision)) {
    bool wraps =
        output_schema && !output_schema->is_null()
            ? wraps_structured_content(*output_schema, revision)
            : object_only_structured_content(revision) && !result.structured_content->is_object();
    Json value = std::move(*result.structured_content);
    if (wraps) value = Json::object_t{{"value", std::move(value)}};
    out.set("structuredContent", std::move(value));
  }
  out.flag("isError", result.is_error).meta(result.meta);
  Json json = out.take();
  add_result_type(json, ResultType::complete, revision);
  return json;
}

Json to_json(const CallToolParams& params, Revision) {
  return ObjectWriter().set("name", params.name).object("arguments", params.arguments).take();
}

template <>
Tool from_json<Tool>(const Json& value) {
  ObjectReader in(value);
  Tool tool{.name = in.get<std::string>("name"),
            .title = in.get_or<std::string>("title", {}),
            .description = in.get_or<std::string>("description", {}),
            .icons = in.optional_list<Icon>("icons"),
            .meta = in.meta()};
  tool.input_schema = protocol::at(
      "inputSchema", [&] { return protocol::read_object(in.required("inputSchema")); });
  if (Json schema = in.optional_object("outputSchema"); !schema.is_null()) {
    tool.output_schema = std::move(schema);
  }
  if (const Json* annotations = in.find("annotations")) {
    protocol::at("annotations", [&] {
      ObjectReader hints(*annotations);
      tool.annotations = {.title = hints.get_or<std::string>("title", {}),
                          .read_only_hint = hints.optional<bool>("readOnlyHint"),
                          .destructive_hint = hints.optional<bool>("destructiveHint"),
                          .idempotent_hint = hints.optional<bool>("idempotentHint"),
                          .open_world_hint = hints.optional<bool>("openWorldHint")};
    });
  }
  if (const Json* execution = in.find("execution")) {
    protocol::at("execution", [&] {
      if (const Json* support = ObjectReader(*execution).find("taskSupport")) {
        tool.task_support = protocol::at("taskSupport", [&] {
          return protocol::read_name(*support, task_support_names,
                                     "\"forbidden\", \"optional\" or \"required\"");
        });
      }
    });
  }
  return tool;
}

template <>
ToolResult from_json<ToolResult>(const Json& value) {
  ObjectReader in(value);
  ToolResult result{.content = in.optional_list<Content>("content"),
                    .is_error = in.get_or<bool>("isError", false),
                    .meta = in.meta()};
  // A null is a value here, not an absent one.
  if (auto structured = value.find("structuredContent"); structured != value.end()) {
    result.structured_content = *structured;
  }
  if (!value.contains("content") && !result.structured_content) {
    throw Malformed("", "the member \"content\" is missing");
  }
  return result;
}

template <>
CallToolParams from_json<CallToolParams>(const Json& value) {
  ObjectReader in(value);
  CallToolParams params{.name = in.get<std::string>("name")};
  if (Json arguments = in.optional_object("arguments"); !arguments.is_null()) {
    params.arguments = std::move(arguments);
  }
  return params;
}

}  // namespace mcp
