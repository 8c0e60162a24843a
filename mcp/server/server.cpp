#include <mcp/server/server.h>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <utility>

#include <mcp/protocol/header.h>
#include <mcp/server/core.h>

namespace mcp {
namespace {

using server::Change;
using server::Features;

void add_tool(server::Core& core, Tool tool, std::variant<ToolHandler, DeferredToolHandler> handler,
              HandlerOptions options) {
  if (const std::string problem = tool_name_problem(tool.name); !problem.empty())
    throw std::invalid_argument(problem);
  if (options.run_inline &&
      tool.task_support.value_or(TaskSupport::forbidden) != TaskSupport::forbidden)
    throw std::invalid_argument("tool '" + tool.name +
                                "' may be a task, so it can't run on the loop");
  auto headers = header_parameters(tool.input_schema);
  if (const auto* problem = std::get_if<HeaderProblem>(&headers))
    throw std::invalid_argument("tool '" + tool.name + "', input schema " + problem->schema_path +
                                ": " + problem->message);
  std::optional<schema::Schema> output;
  if (tool.output_schema) output = schema::Schema::compile(*tool.output_schema);
  auto input = schema::Schema::compile(tool.input_schema);
  const std::string name = tool.name;
  auto entry = std::make_shared<const server::ToolEntry>(server::ToolEntry{
      std::move(tool), std::move(handler), std::move(options), std::move(input), std::move(output),
      std::get<0>(std::move(headers)), &core.metrics.of_tool(name)});
  core.change(Change::What::tools, [&](Features& features) {
    features.tools.set(name, std::move(entry));
    return true;
  });
}

void set_resource(Features& features, const server::SkillEntry::File& file,
                  const CacheHints& cache) {
  ResourceHandler read = [contents = file.contents](const ResourceRequest&, Context&) {
    return ReadResourceResult{{contents}};
  };
  features.resources.set(file.resource.uri,
                         std::make_shared<const server::ResourceEntry>(server::ResourceEntry{
                             file.resource, std::move(read), {.cache = cache}}));
}

bool is_served(const Features& features, const std::string& uri) {
  const auto has = [&](const auto& skill) {
    return std::any_of(skill->files.begin(), skill->files.end(),
                       [&](const auto& file) { return file.resource.uri == uri; });
  };
  return std::any_of(features.skills.items().begin(), features.skills.items().end(), has);
}

bool remove_skill(Features& features, const std::string& uri) {
  const auto old = features.skills.find(uri);
  if (!old) return false;
  features.skills.erase(uri);
  features.skill_folders.erase(uri);
  for (const auto& file : old->files) {
    if (!is_served(features, file.resource.uri)) features.resources.erase(file.resource.uri);
  }
  return true;
}

/// True when there was a skill of that folder that is none of `skills`.
bool remove_others(Features& features, const std::filesystem::path& folder,
                   const std::vector<server::SkillEntry>& skills) {
  std::set<std::string> gone;
  for (const auto& [uri, read_in] : features.skill_folders)
    if (read_in == folder) gone.insert(uri);
  for (const server::SkillEntry& skill : skills) gone.erase(skill.skill.uri);
  for (const std::string& uri : gone) remove_skill(features, uri);
  return !gone.empty();
}

/// `folder`: all that it holds; empty: declared by code.
void add_skills(server::Core& core, std::vector<server::SkillEntry> skills,
                const std::filesystem::path& folder = {}) {
  std::vector<std::string> updated;
  const CacheHints& cache = core.options().caching.skills;
  core.change(Change::What::resources, [&](Features& features) {
    const bool removed = !folder.empty() && remove_others(features, folder, skills);
    for (server::SkillEntry& skill : skills) {
      const std::string uri = skill.skill.uri;
      if (const auto old = features.skills.find(uri)) {
        for (const SkillResource& file : *skill.skill.resources) {
          const auto& known = *old->skill.resources;
          const auto same = [&](const SkillResource& one) { return one.uri == file.uri; };
          const auto before = std::find_if(known.begin(), known.end(), same);
          if (before != known.end() && !(*before == file)) updated.push_back(file.uri);
        }
        remove_skill(features, uri);
      }
      for (const auto& file : skill.files) set_resource(features, file, cache);
      features.skills.set(uri, std::make_shared<const server::SkillEntry>(std::move(skill)));
      if (!folder.empty()) features.skill_folders[uri] = folder;
    }
    return removed || !skills.empty();
  });
  for (std::string& uri : updated) core.announce({Change::What::resource, std::move(uri)});
}

}  // namespace

Server::Server(Implementation info, ServerOptions options)
    : core_(std::make_shared<server::Core>(std::move(info), std::move(options))) {}
Server::~Server() = default;

void Server::tool(Tool tool, ToolHandler handler, HandlerOptions options) {
  add_tool(*core_, std::move(tool), std::move(handler), std::move(options));
}
void Server::deferred_tool(Tool tool, DeferredToolHandler handler, HandlerOptions options) {
  add_tool(*core_, std::move(tool), std::move(handler), std::move(options));
}
bool Server::remove_tool(const std::string& name) {
  return core_->change(Change::What::tools,
                       [&](Features& features) { return features.tools.erase(name); });
}

void Server::resource(Resource resource, ResourceHandler handler, ResourceOptions options) {
  if (resource.uri.empty()) throw std::invalid_argument("a resource needs a uri");
  const std::string uri = resource.uri;
  auto entry = std::make_shared<const server::ResourceEntry>(
      server::ResourceEntry{std::move(resource), std::move(handler), std::move(options)});
  core_->change(Change::What::resources, [&](Features& features) {
    features.resources.set(uri, std::move(entry));
    return true;
  });
}
void Server::resource_template(ResourceTemplate resource_template, ResourceHandler handler,
                               ResourceOptions options) {
  UriTemplate uris(resource_template.uri_template);
  const std::string name = resource_template.uri_template;
  auto entry = std::make_shared<const server::TemplateEntry>(server::TemplateEntry{
      std::move(resource_template), std::move(uris), std::move(handler), std::move(options)});
  core_->change(Change::What::resources, [&](Features& features) {
    features.resource_templates.set(name, std::move(entry));
    return true;
  });
}
bool Server::remove_resource(const std::string& uri) {
  return core_->change(Change::What::resources,
                       [&](Features& features) { return features.resources.erase(uri); });
}
bool Server::remove_resource_template(const std::string& uri_template) {
  return core_->change(Change::What::resources, [&](Features& features) {
    return features.resource_templates.erase(uri_template);
  });
}
void Server::resource_updated(const std::string& uri) {
  core_->announce({Change::What::resource, uri});
}

void Server::prompt(Prompt prompt, PromptHandler handler, PromptOptions options) {
  if (prompt.name.empty()) throw std::invalid_argument("a prompt needs a name");
  const std::string name = prompt.name;
  auto entry = std::make_shared<const server::PromptEntry>(
      server::PromptEntry{std::move(prompt), std::move(handler), std::move(options)});
  core_->change(Change::What::prompts, [&](Features& features) {
    features.prompts.set(name, std::move(entry));
    return true;
  });
}
bool Server::remove_prompt(const std::string& name) {
  return core_->change(Change::What::prompts,
                       [&](Features& features) { return features.prompts.erase(name); });
}

void Server::skill(SkillDirectory skill) {
  std::vector<server::SkillEntry> one;
  one.push_back(server::make_skill(std::move(skill)));
  add_skills(*core_, std::move(one));
}
std::vector<SkillProblem> Server::skills(const std::filesystem::path& folder,
                                         const SkillFolderLimits& limits) {
  SkillFolder found = read_skill_folder(folder, limits);
  for (const SkillProblem& problem : found.problems)
    core_->log(LogSeverity::warning,
               "skills: '" + problem.path + "' is not served: " + problem.message);
  std::vector<server::SkillEntry> entries;
  for (SkillDirectory& skill : found.skills)
    entries.push_back(server::make_skill(std::move(skill)));
  add_skills(*core_, std::move(entries), std::filesystem::canonical(folder));
  return std::move(found.problems);
}
bool Server::remove_skill(const std::string& uri) {
  return core_->change(Change::What::resources,
                       [&](Features& features) { return ::mcp::remove_skill(features, uri); });
}

void Server::tools_changed() {
  core_->announce({Change::What::tools});
}
void Server::resources_changed() {
  core_->announce({Change::What::resources});
}
void Server::prompts_changed() {
  core_->announce({Change::What::prompts});
}
void Server::complete(const std::string& elicitation_id) {
  core_->announce({Change::What::elicitation, elicitation_id});
}
void Server::use(Middleware middleware) {
  core_->middleware.push_back(std::move(middleware));
}
void Server::use_outgoing(OutgoingMiddleware middleware) {
  core_->outgoing.push_back(std::move(middleware));
}
const Implementation& Server::info() const {
  return core_->settings->info;
}

}  // namespace mcp
