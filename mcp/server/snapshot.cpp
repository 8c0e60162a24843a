#include <mcp/server/snapshot.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include <mcp/base/base64.h>
#include <mcp/base/uri.h>
#include <mcp/jsonrpc/codec.h>
#include <mcp/protocol/list.h>
#include <mcp/protocol/meta.h>
#include <mcp/protocol/method.h>
#include <mcp/protocol/task.h>

namespace mcp::server {
namespace {

bool completes(const Features& features) {
  const auto has = [](const auto& entry) { return !entry->options.complete.empty(); };
  return std::any_of(features.prompts.items().begin(), features.prompts.items().end(), has) ||
         std::any_of(features.resource_templates.items().begin(),
                     features.resource_templates.items().end(), has);
}

// A cursor is the number of the page that follows, wrapped so that nobody counts on it.
constexpr std::string_view cursor_prefix = "page:";

std::string make_cursor(std::size_t page) {
  return base64url_encode(std::string(cursor_prefix) + std::to_string(page));
}

std::size_t read_cursor(const std::string& cursor, std::size_t pages) {
  if (cursor.empty()) return 0;  // valid, and what a careless client sends for the first page
  if (const auto bytes = base64url_decode(cursor)) {
    const std::string text(bytes->begin(), bytes->end());
    std::size_t page = 0;
    if (text.starts_with(cursor_prefix)) {
      const char* begin = text.data() + cursor_prefix.size();
      const char* end = text.data() + text.size();
      const auto read = std::from_chars(begin, end, page);
      if (read.ec == std::errc() && read.ptr == end && page < pages) return page;
    }
  }
  throw Malformed("/cursor", "not a cursor of this list: begin again without one");
}

/// The page that a request asks for, of `count` items; `page_size` 0: there is one.
std::size_t wanted_page(const Json& params, std::size_t count, std::size_t page_size) {
  const auto cursor = from_json<ListParams>(params).cursor;
  if (!cursor) return 0;
  return read_cursor(*cursor, page_size == 0 ? 1 : (count + page_size - 1) / page_size);
}

template <class Entry, class Item>
Json page_of(const Entries<Entry>& entries, Item Entry::*item, std::size_t page,
             std::size_t page_size, const CacheHints& cache, Revision revision) {
  ListResult<Item> result;
  result.cache = cache;
  const std::size_t count = entries.items().size();
  const std::size_t begin = page * page_size;
  const std::size_t end = std::min(count, begin + page_size);
  for (std::size_t i = begin; i < end; ++i) result.items.push_back((*entries.items()[i]).*item);
  if (end < count) result.next_cursor = make_cursor(page + 1);
  return to_json(result, revision);
}

}  // namespace

bool may_be_task(const ToolEntry& entry) {
  return entry.tool.task_support.value_or(TaskSupport::forbidden) != TaskSupport::forbidden;
}

Snapshot::Snapshot(std::shared_ptr<const Settings> settings, Features registered)
    : features(std::move(registered)),
      settings_(std::move(settings)),
      offers_tools_(settings_->options.declare.tools || features.tools.ever_set()),
      offers_prompts_(settings_->options.declare.prompts || features.prompts.ever_set()),
      offers_resources_(settings_->options.declare.resources || settings_->options.declare.skills ||
                        features.resources.ever_set() || features.resource_templates.ever_set()),
      offers_completions_(settings_->options.declare.completions || completes(features)),
      offers_tasks_(std::any_of(features.tools.items().begin(), features.tools.items().end(),
                                [](const auto& entry) { return may_be_task(*entry); })),
      offers_skills_(settings_->options.declare.skills || features.skills.ever_set()) {}

ServerCapabilities Snapshot::capabilities() const {
  ServerCapabilities capabilities;
  capabilities.logging = settings_->options.declare.logging;
  capabilities.completions = offers_completions_;
  if (offers_tools_) capabilities.tools = ListCapability{.list_changed = true};
  if (offers_prompts_) capabilities.prompts = ListCapability{.list_changed = true};
  if (offers_resources_)
    capabilities.resources = ResourcesCapability{.subscribe = true, .list_changed = true};
  capabilities.experimental = settings_->options.experimental;
  capabilities.extensions = settings_->options.extensions;
  if (offers_skills_) capabilities.extensions[skills_extension] = {{"directoryRead", true}};
  if (offers_tasks()) {
    const Json nothing = Json::object();
    capabilities.extensions[tasks_extension] = nothing;
    capabilities.tasks = {{"cancel", nothing}, {"requests", {{"tools", {{"call", nothing}}}}}};
  }
  return capabilities;
}

void Snapshot::require_offered(std::string_view method, Revision revision) const {
  const bool of_skills =
      method.starts_with("skills/") || method == method::resources_directory_read;
  const bool offered =
      of_skills                          ? offers_skills_ && has_extensions(revision)
      : method.starts_with("tools/")     ? offers_tools_
      : method.starts_with("prompts/")   ? offers_prompts_
      : method.starts_with("resources/") ? offers_resources_
      : method == method::completion_complete
          ? offers_completions_
          : method != method::logging_set_level || settings_->options.declare.logging;
  if (!offered)
    throw Error(error_code::method_not_found,
                "unknown method '" + std::string(method) +
                    "': this server does not declare the capability that it belongs to");
}

std::pair<Entries<TemplateEntry>::Pointer, UriTemplate::Values> Snapshot::match(
    const std::string& uri) const {
  for (const auto& entry : features.resource_templates.items()) {
    if (auto values = entry->uris.match(uri)) return {entry, std::move(*values)};
  }
  return {};
}

bool Snapshot::has_resource(const std::string& uri) const {
  return features.resources.find(uri) != nullptr || match(uri).first != nullptr;
}

std::size_t Snapshot::item_count(FeatureList list) const {
  switch (list) {
    case FeatureList::tools:
      return features.tools.items().size();
    case FeatureList::resources:
      return features.resources.items().size();
    case FeatureList::resource_templates:
      return features.resource_templates.items().size();
    case FeatureList::prompts:
      return features.prompts.items().size();
    case FeatureList::skills:
      return features.skills.items().size();
  }
  return 0;
}

jsonrpc::Serialized Snapshot::list(FeatureList list, Revision revision, const Json& params) const {
  const std::size_t page = wanted_page(params, item_count(list), settings_->options.page_size);
  std::lock_guard lock(mutex_);
  jsonrpc::Serialized& kept = kept_[{list, revision, page}];
  if (!kept.text) kept.text = std::make_shared<const std::string>(serialize(list, revision, page));
  return kept;
}

std::string Snapshot::serialize(FeatureList list, Revision revision, std::size_t page) const {
  const std::size_t count = item_count(list);
  const std::size_t size = settings_->options.page_size == 0 ? count : settings_->options.page_size;
  const ListCaching& caching = settings_->options.caching;
  Json result;
  switch (list) {
    case FeatureList::tools:
      result = page_of(features.tools, &ToolEntry::tool, page, size, caching.tools, revision);
      break;
    case FeatureList::resources:
      result = page_of(features.resources, &ResourceEntry::resource, page, size, caching.resources,
                       revision);
      break;
    case FeatureList::resource_templates:
      result = page_of(features.resource_templates, &TemplateEntry::resource_template, page, size,
                       caching.resource_templates, revision);
      break;
    case FeatureList::prompts:
      result =
          page_of(features.prompts, &PromptEntry::prompt, page, size, caching.prompts, revision);
      break;
    case FeatureList::skills:
      result = page_of(features.skills, &SkillEntry::skill, page, size, caching.skills, revision);
      break;
  }
  add_result_type(result, ResultType::complete, revision);
  add_server_info(result, settings_->info, revision);
  return jsonrpc::encode_value(result);
}

const Snapshot::Directories& Snapshot::directories() const {
  std::lock_guard lock(mutex_);
  if (directories_) return *directories_;
  directories_.emplace();
  const std::size_t scheme_end = std::string_view("skill://").size();
  for (const auto& skill : features.skills.items()) {
    for (const auto& file : skill->files) {
      const auto entry = features.resources.find(file.resource.uri);
      Resource child = entry ? entry->resource : file.resource;
      for (;;) {
        const std::size_t slash = child.uri.rfind('/');
        if (slash < scheme_end) break;
        const std::string parent = child.uri.substr(0, slash);
        const std::string uri = child.uri;
        if (!(*directories_)[parent].try_emplace(uri, std::move(child)).second) break;
        const std::size_t name = parent.rfind('/') + 1;
        child = {.uri = parent,
                 .name = percent_decode(parent.substr(name)).value_or(parent.substr(name)),
                 .mime_type = directory_mime_type};
      }
    }
  }
  return *directories_;
}

Json Snapshot::directory(Revision revision, const Json& params) const {
  const std::string uri = from_json<ResourceParams>(params).uri;
  const auto found = directories().find(uri);
  if (found == directories().end())
    throw Error(error_code::invalid_params, "no directory of a skill: " + uri, {{"uri", uri}});
  const auto& children = found->second;
  const std::size_t page_size = settings_->options.page_size;
  const std::size_t page = wanted_page(params, children.size(), page_size);
  const std::size_t begin = page * page_size;
  const std::size_t end =
      page_size == 0 ? children.size() : std::min(children.size(), begin + page_size);
  Json result = {{"resources", Json::array()}};
  auto child = std::next(children.begin(), static_cast<std::ptrdiff_t>(begin));
  for (std::size_t i = begin; i < end; ++i, ++child)
    result["resources"].push_back(to_json(child->second, revision));
  if (end < children.size()) result["nextCursor"] = make_cursor(page + 1);
  add_result_type(result, ResultType::complete, revision);
  return result;
}

}  // namespace mcp::server
