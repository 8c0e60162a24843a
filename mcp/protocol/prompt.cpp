#include <mcp/protocol/prompt.h>

#include <mcp/protocol/meta.h>
#include <mcp/protocol/object_reader.h>
#include <mcp/protocol/object_writer.h>

namespace mcp {

using protocol::ObjectReader;
using protocol::ObjectWriter;

namespace {

Json to_json(const PromptArgument& argument, Revision revision) {
  ObjectWriter out;
  out.set("name", argument.name)
      .text("description", argument.description)
      .flag("required", argument.required);
  if (has_title(revision)) out.text("title", argument.title);
  return out.take();
}

}  // namespace

template <>
PromptArgument from_json<PromptArgument>(const Json& value) {
  ObjectReader in(value);
  return {.name = in.get<std::string>("name"),
          .title = in.get_or<std::string>("title", {}),
          .description = in.get_or<std::string>("description", {}),
          .required = in.get_or<bool>("required", false)};
}

PromptMessage user_text(std::string text) {
  return {Role::user, text_content(std::move(text))};
}

PromptMessage assistant_text(std::string text) {
  return {Role::assistant, text_content(std::move(text))};
}

Json to_json(const Prompt& prompt, Revision revision) {
  ObjectWriter out;
  out.set("name", prompt.name).text("description", prompt.description);
  if (!prompt.arguments.empty()) {
    Json arguments = Json::array();
    for (const PromptArgument& argument : prompt.arguments) {
      arguments.push_back(to_json(argument, revision));
    }
    out.set("arguments", std::move(arguments));
  }
  if (has_title(revision)) out.text("title", prompt.title);
  if (has_icons(revision)) out.optional_list("icons", prompt.icons, revision);
  return out.item_meta(prompt.meta, revision).take();
}

Json to_json(const PromptMessage& message, Revision revision) {
  return ObjectWriter()
      .set("role", to_string(message.role))
      .set("content", to_json(message.content, revision))
      .take();
}

Json to_json(const PromptResult& result, Revision revision) {
  Json json = ObjectWriter()
                  .list("messages", result.messages, revision)
                  .text("description", result.description)
                  .meta(result.meta)
                  .take();
  add_result_type(json, ResultType::complete, revision);
  return json;
}

Json to_json(const GetPromptParams& params, Revision) {
  ObjectWriter out;
  out.set("name", params.name);
  if (!params.arguments.empty()) out.set("arguments", params.arguments);
  return out.take();
}

template <>
Prompt from_json<Prompt>(const Json& value) {
  ObjectReader in(value);
  return {.name = in.get<std::string>("name"),
          .title = in.get_or<std::string>("title", {}),
          .description = in.get_or<std::string>("description", {}),
          .arguments = in.optional_list<PromptArgument>("arguments"),
          .icons = in.optional_list<Icon>("icons"),
          .meta = in.meta()};
}

template <>
PromptMessage from_json<PromptMessage>(const Json& value) {
  ObjectReader in(value);
  return {.role = in.get<Role>("role"), .content = in.get<Content>("content")};
}

template <>
PromptResult from_json<PromptResult>(const Json& value) {
  ObjectReader in(value);
  return {.messages = in.list<PromptMessage>("messages"),
          .description = in.get_or<std::string>("description", {}),
          .meta = in.meta()};
}

template <>
GetPromptParams from_json<GetPromptParams>(const Json& value) {
  ObjectReader in(value);
  return {.name = in.get<std::string>("name"), .arguments = in.optional_texts("arguments")};
}

}  // namespace mcp
