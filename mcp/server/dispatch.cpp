#include <mcp/server/dispatch.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include <mcp/base/closest_match.h>
#include <mcp/base/finite.h>
#include <mcp/protocol/method.h>
#include <mcp/server/call_era.h>
#include <mcp/server/tasks.h>

namespace mcp::server {
namespace {

const std::string& text_member(const Json& params, const char* name) {
  const auto found = params.is_object() ? params.find(name) : params.end();
  if (found == params.end()) throw Malformed("/" + std::string(name), "is missing");
  if (!found->is_string())
    throw Malformed("/" + std::string(name),
                    "expected a string, found " + std::string(found->type_name()));
  return found->get_ref<const std::string&>();
}

const Json& arguments_of(const Json& params) {
  static const Json none = Json::object();
  const auto found = params.find("arguments");
  if (found == params.end() || found->is_null()) return none;
  if (!found->is_object())
    throw Malformed("/arguments", "expected an object, found " + std::string(found->type_name()));
  return *found;
}

template <class Entry>
std::string unknown(const char* what, const std::string& name, const Entries<Entry>& entries,
                    const std::function<const std::string&(const Entry&)>& name_of) {
  std::vector<std::string_view> names;
  for (const auto& entry : entries.items()) names.push_back(name_of(*entry));
  std::string message = "unknown " + std::string(what) + " '" + name + "'";
  if (const auto match = closest_match(name, names))
    message += "; did you mean '" + std::string(*match) + "'?";
  return message;
}

// What a client lacks is an error of the era: each has its own answer (`CallEra::lacks`).
void require(Run& run, const std::vector<ClientFeature>& features) {
  for (const ClientFeature feature : features) {
    if (!run.client_can(feature)) call_era(run.call()).lacks(run.call(), feature);
  }
}

constexpr std::array<std::string_view, 5> task_methods = {method::tasks_get, method::tasks_result,
                                                          method::tasks_update,
                                                          method::tasks_cancel, method::tasks_list};

bool is_skill_method(std::string_view method) {
  return method == method::skills_get || method == method::resources_directory_read;
}

bool is_task_method(std::string_view method) {
  return std::find(task_methods.begin(), task_methods.end(), method) != task_methods.end();
}

// Before the handler runs: a tool that can only be a task refuses a client without tasks, and a
// client that wants a task from the start gets one. Otherwise the handler decides.
void settle_task(Run& run, const ToolEntry& entry) {
  Call& call = run.call();
  if (!call.task_id.empty() || !call.snapshot->offers_tasks()) return;
  const CallEra& era = call_era(call);
  if (entry.tool.task_support == TaskSupport::required && !era.takes_task(call))
    era.lacks_tasks(call);
  if (const auto wanted = era.wanted_task(call)) {
    if (!may_be_task(entry)) era.lacks_tasks(call);
    run.become_task(*wanted);
  }
}

Reply call_tool(Run& run, Json& params, Context& context) {
  Call& call = run.call();
  const auto entry = find_tool(*call.snapshot, params);
  settle_task(run, *entry);
  const Json& arguments = arguments_of(params);
  try {
    require(run, entry->options.requires_capability);
    if (!entry->input.valid(arguments)) {
      throw ToolError("invalid arguments for tool '" + entry->tool.name +
                      "': " + schema::summary(entry->input.validate(arguments)));
    }
    if (const auto* deferred = std::get_if<DeferredToolHandler>(&entry->handler)) {
      run.set_deferred();
      (*deferred)(arguments, context, Responder(run.shared_from_this()));
      return Reply::pending();
    }
    return checked_result(*entry, std::get<ToolHandler>(entry->handler)(arguments, context),
                          call.revision());
  } catch (const ToolError& error) {
    return to_json(error_text(error.what()), call.revision());
  }
}

Reply get_prompt(Run& run, Json& params, Context& context) {
  const auto request = from_json<GetPromptParams>(params);
  const auto& prompts = run.call().snapshot->features.prompts;
  const auto entry = prompts.find(request.name);
  if (!entry)
    throw Error(error_code::invalid_params,
                unknown<PromptEntry>("prompt", request.name, prompts,
                                     [](const PromptEntry& prompt) -> const std::string& {
                                       return prompt.prompt.name;
                                     }));
  require(run, entry->options.requires_capability);
  for (const PromptArgument& argument : entry->prompt.arguments) {
    if (argument.required && !request.arguments.contains(argument.name))
      throw Error(error_code::invalid_params,
                  "prompt '" + request.name + "' needs the argument '" + argument.name + "'");
  }
  return to_json(entry->handler(request.arguments, context), run.call().revision());
}

Reply read_resource(Run& run, Json& params, Context& context) {
  Call& call = run.call();
  ResourceRequest request{from_json<ResourceParams>(params).uri};
  std::shared_ptr<const void> owner;
  const ResourceHandler* handler = nullptr;
  const ResourceOptions* options = nullptr;
  if (auto entry = call.snapshot->features.resources.find(request.uri)) {
    handler = &entry->handler;
    options = &entry->options;
    owner = std::move(entry);
  } else if (auto [matched, values] = call.snapshot->match(request.uri); matched) {
    handler = &matched->handler;
    options = &matched->options;
    request.variables = std::move(values);
    owner = std::move(matched);
  } else {
    throw Error(error_code::resource_not_found, "resource not found: " + request.uri,
                {{"uri", request.uri}});
  }
  require(run, options->requires_capability);
  ReadResourceResult result = [&] {
    try {
      return (*handler)(request, context);
    } catch (const Error& error) {
      if (error.code() != error_code::resource_not_found || !error.data().is_null()) throw;
      throw Error(error.code(), error.what(), {{"uri", request.uri}});
    }
  }();
  if (result.cache == CacheHints{}) result.cache = options->cache;
  if (call.retried)
    result.cache = {};  // an answer that depends on what was asked is kept by nobody
  return to_json(std::move(result), call.revision());
}

Reply get_skill(Run& run, const Json& params) {
  const Call& call = run.call();
  const std::string uri = from_json<ResourceParams>(params).uri;
  const auto& skills = call.snapshot->features.skills;
  const auto entry = skills.find(uri);
  if (!entry)
    throw Error(error_code::invalid_params,
                unknown<SkillEntry>(
                    "skill", uri, skills,
                    [](const SkillEntry& skill) -> const std::string& { return skill.skill.uri; }),
                {{"uri", uri}});
  return to_json(GetSkillResult{entry->skill, call.core->options().caching.skills},
                 call.revision());
}

Reply complete(Run& run, Json& params, CallContext& context) {
  const auto request = from_json<CompleteParams>(params);
  const Features& features = run.call().snapshot->features;
  const std::map<std::string, CompletionHandler>* handlers = nullptr;
  bool known_argument = false;
  std::shared_ptr<const void> owner;
  if (const auto* prompt = std::get_if<PromptReference>(&request.ref)) {
    auto entry = features.prompts.find(prompt->name);
    if (!entry) throw Error(error_code::invalid_params, "unknown prompt '" + prompt->name + "'");
    for (const PromptArgument& argument : entry->prompt.arguments)
      known_argument = known_argument || argument.name == request.argument_name;
    handlers = &entry->options.complete;
    owner = std::move(entry);
  } else {
    const std::string& uri = std::get<ResourceTemplateReference>(request.ref).uri;
    auto entry = features.resource_templates.find(uri);
    if (!entry) throw Error(error_code::invalid_params, "unknown resource template '" + uri + "'");
    for (const std::string& variable : entry->uris.variables())
      known_argument = known_argument || variable == request.argument_name;
    handlers = &entry->options.complete;
    owner = std::move(entry);
  }
  if (!known_argument)
    throw Error(error_code::invalid_params,
                "no argument is called '" + request.argument_name + "'");
  CompleteResult result;
  if (const auto handler = handlers->find(request.argument_name); handler != handlers->end())
    result = handler->second({request.argument_value, request.context}, context);
  return to_json(result, run.call().revision());
}

}  // namespace

std::optional<FeatureList> feature_list(std::string_view method) {
  if (method == method::tools_list) return FeatureList::tools;
  if (method == method::resources_list) return FeatureList::resources;
  if (method == method::resources_templates_list) return FeatureList::resource_templates;
  if (method == method::prompts_list) return FeatureList::prompts;
  if (method == method::skills_list) return FeatureList::skills;
  return std::nullopt;
}

bool is_feature_method(std::string_view method) {
  return may_require_input(method) || method == method::completion_complete ||
         feature_list(method).has_value() || is_task_method(method) || is_skill_method(method);
}

bool runs_inline(const Call& call) {
  const auto is_inline = [](const auto& entry) { return entry && entry->options.run_inline; };
  const Features& features = call.snapshot->features;
  if (call.method == method::tools_call) return is_inline(features.tools.find(call.subject));
  if (call.method == method::prompts_get) return is_inline(features.prompts.find(call.subject));
  if (call.method == method::resources_read) {
    if (const auto resource = features.resources.find(call.subject)) return is_inline(resource);
    return is_inline(call.snapshot->match(call.subject).first);
  }
  return false;
}

std::string subject_of(std::string_view method, const Json& params) {
  const char* name = method == method::resources_read || is_skill_method(method) ? "uri"
                     : is_task_method(method)                                    ? "taskId"
                                                                                 : "name";
  const auto member = params.find(name);
  return member != params.end() && member->is_string() ? member->get<std::string>() : std::string();
}

std::shared_ptr<const ToolEntry> find_tool(const Snapshot& snapshot, const Json& params) {
  const std::string& name = text_member(params, "name");
  const auto& tools = snapshot.features.tools;
  auto entry = tools.find(name);
  if (!entry)
    throw Error(
        error_code::invalid_params,
        unknown<ToolEntry>("tool", name, tools, [](const ToolEntry& tool) -> const std::string& {
          return tool.tool.name;
        }));
  return entry;
}

Json checked_result(const ToolEntry& entry, ToolResult result, Revision revision) {
  if (result.structured_content) {
    // It would go out as null, which is another answer, and breaks what the tool says of its
    // output.
    if (const auto place = find_not_finite(*result.structured_content))
      throw ToolError("the tool's result has a number that JSON can not hold" +
                      (place->empty() ? "" : " at " + *place) +
                      ": it is infinite, or not a number at all");
  }
  if (entry.output && !result.is_error) {
    if (!result.structured_content)
      throw std::runtime_error(
          "the result has no structured content, but the tool has an output "
          "schema");
    if (!entry.output->valid(*result.structured_content))
      throw std::runtime_error("the result does not fit the tool's output schema: " +
                               schema::summary(entry.output->validate(*result.structured_content)));
  }
  return to_json(std::move(result), revision,
                 entry.tool.output_schema ? &*entry.tool.output_schema : nullptr);
}

Reply perform(Run& run, Json& params, Context& context) {
  Call& call = run.call();
  if (call.method == method::tools_call) return call_tool(run, params, context);
  if (call.method == method::prompts_get) return get_prompt(run, params, context);
  if (call.method == method::resources_read) return read_resource(run, params, context);
  if (call.method == method::completion_complete) return complete(run, params, context);
  if (call.method == method::skills_get) return get_skill(run, params);
  if (call.method == method::resources_directory_read)
    return call.snapshot->directory(call.revision(), params);
  if (is_task_method(call.method)) {
    const auto tasks = call.tasks.lock();
    if (!tasks) throw Error(error_code::internal_error, "the server stops");
    return tasks->answer(run, params);
  }
  return call.snapshot->list(feature_list(call.method).value(), call.revision(), params);
}

}  // namespace mcp::server
