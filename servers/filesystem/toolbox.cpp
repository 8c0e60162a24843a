#include "servers/filesystem/toolbox.h"

#include <algorithm>
#include <utility>

#include <mcp/base/base64.h>
#include <mcp/server/confirm.h>
#include <mcp/server/session_roots.h>

#include "servers/filesystem/file_uri.h"

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

std::shared_ptr<const Sandbox> narrowed(const std::shared_ptr<const Sandbox>& sandbox,
                                        const std::vector<mcp::Root>& roots) {
  if (roots.empty()) return sandbox;  // the client has none, which says nothing
  std::vector<std::string> paths;
  for (const auto& root : roots) {
    if (auto path = path_of(root.uri)) paths.push_back(std::move(*path));
  }
  return std::make_shared<const Sandbox>(sandbox->narrowed_to(paths));
}

[[noreturn]] void refuse_cursor() {
  throw Failure("The cursor is none of this server's; take it from the last answer, unchanged.");
}

}  // namespace

mcp::Json text_property(const char* description) {
  return {{"type", "string"}, {"description", description}};
}

mcp::Json path_property(const std::string& what) {
  return text_property((what + "; absolute, or relative to the first allowed directory").c_str());
}

mcp::Json cursor_property() {
  return text_property("To go on: the cursor of the last answer, which was truncated");
}

std::string cursor_of(const Call& call) {
  const std::string given = call.arguments.value("cursor", "");
  if (given.empty()) return {};
  const auto bytes = mcp::base64url_decode(given);
  if (!bytes || bytes->empty() || bytes->size() > 8'192) refuse_cursor();
  return {bytes->begin(), bytes->end()};
}

/// A cursor that counts; empty stays empty.
std::string counting_cursor(const Call& call) {
  std::string cursor = cursor_of(call);
  if (cursor.size() > 15 || cursor.find_first_not_of("0123456789") != std::string::npos) {
    refuse_cursor();
  }
  return cursor;
}

mcp::Json input_schema(mcp::Json properties, std::vector<std::string> required) {
  mcp::Json schema = {{"type", "object"}, {"properties", std::move(properties)}};
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

mcp::ToolAnnotations reads() {
  return {.read_only_hint = true, .open_world_hint = false};
}

mcp::ToolAnnotations writes(bool destroys, bool idempotent) {
  return {.read_only_hint = false,
          .destructive_hint = destroys,
          .idempotent_hint = idempotent,
          .open_world_hint = false};
}

mcp::ToolResult text_result(std::string text) {
  mcp::ToolResult result;
  result.structured_content = mcp::Json{{"content", text}};
  result.content.emplace_back(mcp::text_content(std::move(text)));
  return result;
}

mcp::ToolResult text_result(TextAnswer answer) {
  mcp::ToolResult result = text_result(std::move(answer.text));
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

void WriterGate::enter(const Watch& watch) {
  std::unique_lock lock(mutex_);
  if (!free_.wait(lock, watch.stop_token(), [this] { return !taken_; })) watch.check();
  taken_ = true;
}

void WriterGate::leave() {
  {
    const std::lock_guard lock(mutex_);
    taken_ = false;
  }
  free_.notify_all();  // the one that is woken may be cancelled
}

std::shared_ptr<const Sandbox> Shared::sandbox_for(mcp::Context& context) const {
  if (!options.client_roots || !context.client_can(mcp::ClientFeature::roots)) return sandbox;
  if (!mcp::in_session(context) && !options.ask_roots) return sandbox;
  std::vector<mcp::Root> roots;
  try {
    roots = context.roots("client_roots");
  } catch (const mcp::Error& error) {
    throw Failure(std::string("The client did not tell its roots, so that nothing may be used: ") +
                  error.what());
  }
  auto left = narrowed(sandbox, roots);
  if (left->empty()) {
    throw Failure(
        "None of the client's roots lies in a directory that this server may use, or holds one; "
        "with --ignore-roots it does not ask for them.");
  }
  return left;
}

std::shared_ptr<const Sandbox> Shared::sandbox_for(mcp::CallContext& context) const {
  if (!options.client_roots || !context.client_can(mcp::ClientFeature::roots)) return sandbox;
  if (!mcp::in_session(context)) return options.ask_roots ? nullptr : sandbox;
  const auto* roots = mcp::known_roots(context);
  return roots == nullptr ? nullptr : narrowed(sandbox, *roots);
}

std::optional<mcp::ToolResult> Call::unless_confirmed(
    const std::function<std::string()>& preview) const {
  if (!confirm) return std::nullopt;
  const auto instead = mcp::unless_confirmed(context, preview());
  if (!instead) return std::nullopt;
  return text_result(*instead);
}

void Toolbox::add(mcp::Tool tool, Handler handler) {
  names_.insert(tool.name);
  const auto& disabled = shared_->options.disabled_tools;
  if (std::find(disabled.begin(), disabled.end(), tool.name) != disabled.end()) return;
  if (!tool.output_schema) tool.output_schema = text_output_schema();
  tool.task_support = mcp::TaskSupport::forbidden;
  const bool reads = tool.annotations.read_only_hint.value_or(false);
  if (shared_->options.confirm && tool.annotations.destructive_hint.value_or(false)) {
    mcp::add_confirm_token(tool.input_schema);
  }
  server_.tool(std::move(tool),
               [shared = shared_, reads, handler = std::move(handler)](
                   const mcp::Json& arguments, mcp::Context& context) -> mcp::ToolResult {
                 try {
                   const auto sandbox = shared->sandbox_for(context);
                   const Watch watch(context.stop_token(), shared->options.limits.timeout,
                                     [&context](std::uint64_t seen) {
                                       context.progress(static_cast<double>(seen),
                                                        std::to_string(seen) + " entries seen");
                                     });
                   std::optional<WriteLock> lock;
                   if (!reads) lock.emplace(shared->writing, watch);
                   return handler({.sandbox = *sandbox,
                                   .limits = shared->options.limits,
                                   .watch = watch,
                                   .arguments = arguments,
                                   .context = context,
                                   .remembered = shared->remembered,
                                   .confirm = shared->options.confirm});
                 } catch (const Failure& failure) {
                   return mcp::error_text(failure.what());
                 }
               });
}

}  // namespace fairlead::filesystem
