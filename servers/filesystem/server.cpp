#include "servers/filesystem/server.h"

#include <algorithm>
#include <utility>

#include <mcp/base/base64.h>

#include "servers/filesystem/toolbox.h"

namespace fairlead::filesystem {
namespace {

mcp::Json text_output_schema() {
  return {{"type", "object"},
          {"properties",
           {{"content", {{"type", "string"}}},
            {"truncated", {{"type", "boolean"}}},
            {"cursor", {{"type", "string"}}}}},
          {"required", {"content"}},
          {"additionalProperties", false}};
}

}  // namespace

mcp::Json input_schema(mcp::Json properties, std::vector<std::string> required) {
  mcp::Json schema = {{"type", "object"}, {"properties", std::move(properties)}};
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

mcp::ToolAnnotations reads() {
  return {.read_only_hint = true, .open_world_hint = false};
}

mcp::ToolResult text_result(const std::string& text) {
  mcp::ToolResult result = mcp::text(text);
  result.structured_content = mcp::Json{{"content", text}};
  return result;
}

mcp::ToolResult text_result(const TextAnswer& answer) {
  mcp::ToolResult result = text_result(answer.text);
  if (!answer.truncated) return result;
  (*result.structured_content)["truncated"] = true;
  std::string note = answer.note;
  if (!answer.cursor.empty()) {
    const std::string cursor = mcp::base64url_encode(answer.cursor);
    (*result.structured_content)["cursor"] = cursor;
    note += " Call again with the same arguments and cursor \"" + cursor + "\" to go on.";
  }
  result.content.emplace_back(mcp::text_content(std::move(note)));
  return result;
}

void Toolbox::add(mcp::Tool tool, Handler handler) {
  names_.insert(tool.name);
  const auto& disabled = options_.disabled_tools;
  if (std::find(disabled.begin(), disabled.end(), tool.name) != disabled.end()) return;
  if (!tool.output_schema) tool.output_schema = text_output_schema();
  tool.task_support = mcp::TaskSupport::forbidden;
  server_.tool(std::move(tool),
               [sandbox = sandbox_, limits = options_.limits, handler = std::move(handler)](
                   const mcp::Json& arguments, mcp::Context& context) -> mcp::ToolResult {
                 try {
                   return handler({.sandbox = *sandbox,
                                   .limits = limits,
                                   .watch = Watch(context.stop_token(), limits.timeout),
                                   .arguments = arguments});
                 } catch (const Failure& failure) {
                   return mcp::error_text(failure.what());
                 }
               });
}

std::unique_ptr<mcp::Server> make_server(std::shared_ptr<const Sandbox> sandbox,
                                         const Options& options) {
  // The reference server's own name and version: programs know it by them.
  auto server = std::make_unique<mcp::Server>(
      mcp::Implementation{.name = "secure-filesystem-server", .version = "0.2.0"});
  Toolbox toolbox(*server, std::move(sandbox), options);
  add_reading_tools(toolbox);
  for (const auto& name : options.disabled_tools) {
    if (toolbox.names().count(name) != 0) continue;
    std::string known;
    for (const auto& each : toolbox.names()) known += (known.empty() ? "" : ", ") + each;
    throw Failure("There is no tool \"" + name + "\" to disable; the tools are " + known + ".");
  }
  return server;
}

}  // namespace fairlead::filesystem
