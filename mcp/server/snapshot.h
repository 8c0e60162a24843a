#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include <mcp/base/uri_template.h>
#include <mcp/jsonrpc/message.h>
#include <mcp/protocol/header.h>
#include <mcp/schema/schema.h>
#include <mcp/server/metrics.h>
#include <mcp/server/server.h>

namespace mcp::server {

struct ToolEntry {
  Tool tool;
  std::variant<ToolHandler, DeferredToolHandler> handler;
  HandlerOptions options;
  schema::Schema input;
  std::optional<schema::Schema> output;
  std::vector<HeaderParameter> header_parameters;
  ToolMetrics* metrics;  ///< the core's, which calls keep alive
};

struct ResourceEntry {
  Resource resource;
  ResourceHandler handler;
  ResourceOptions options;
};

struct TemplateEntry {
  ResourceTemplate resource_template;
  UriTemplate uris;
  ResourceHandler handler;
  ResourceOptions options;
};

struct PromptEntry {
  Prompt prompt;
  PromptHandler handler;
  PromptOptions options;
};

/// Entries by name, in the order in which the names were registered first.
template <class Entry>
class Entries {
 public:
  using Pointer = std::shared_ptr<const Entry>;

  void set(const std::string& name, Pointer entry) {
    ever_set_ = true;
    const auto [at, is_new] = index_.try_emplace(name, items_.size());
    if (is_new) {
      items_.push_back(std::move(entry));
    } else {
      items_[at->second] = std::move(entry);
    }
  }
  bool erase(const std::string& name) {
    const auto at = index_.find(name);
    if (at == index_.end()) return false;
    const std::size_t position = at->second;
    items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(position));
    index_.erase(at);
    for (auto& [key, index] : index_) {
      if (index > position) --index;
    }
    return true;
  }
  Pointer find(const std::string& name) const {
    const auto at = index_.find(name);
    return at == index_.end() ? nullptr : items_[at->second];
  }
  const std::vector<Pointer>& items() const { return items_; }
  /// Whether there is or was any: clients that were told so may go on asking.
  bool ever_set() const { return ever_set_; }

 private:
  std::vector<Pointer> items_;
  std::unordered_map<std::string, std::size_t> index_;
  bool ever_set_ = false;
};

/// Everything that is registered.
struct Features {
  Entries<ToolEntry> tools;
  Entries<ResourceEntry> resources;
  Entries<TemplateEntry> resource_templates;
  Entries<PromptEntry> prompts;
  /// By the URI of their SKILL.md; their files are resources.
  Entries<SkillEntry> skills;
  /// Where skills were read, by their URI; those that code declared are not here.
  std::map<std::string, std::filesystem::path> skill_folders;
};

/// What never changes while a server lives.
struct Settings {
  Implementation info;
  ServerOptions options;
};

/// Whether calls of the tool may be tasks.
bool may_be_task(const ToolEntry& entry);

enum class FeatureList { tools, resources, resource_templates, prompts, skills };

/// The features at one moment; immutable, so any thread may use it. Lists are serialised when they
/// are first asked for, once for each revision.
class Snapshot {
 public:
  Snapshot(std::shared_ptr<const Settings> settings, Features registered);

  const Features features;

  ServerCapabilities capabilities() const;
  /// Throws Error (-32601) for a method whose capability is not among them, in that revision.
  void require_offered(std::string_view method, Revision revision) const;
  /// Whether a tool may be a task.
  bool offers_tasks() const { return offers_tasks_; }
  /// The template that serves `uri`, with its variables.
  std::pair<Entries<TemplateEntry>::Pointer, UriTemplate::Values> match(
      const std::string& uri) const;
  bool has_resource(const std::string& uri) const;
  /// The result of a list request. Throws Error for a cursor that is not ours.
  jsonrpc::Serialized list(FeatureList list, Revision revision, const Json& params) const;
  /// The result of `resources/directory/read`. Throws Error for what is no directory of a skill.
  Json directory(Revision revision, const Json& params) const;

 private:
  using Directories = std::map<std::string, std::map<std::string, Resource>>;

  /// What lies directly in each directory above the skills' files, by URI.
  const Directories& directories() const;
  std::string serialize(FeatureList list, Revision revision, std::size_t page) const;
  std::size_t item_count(FeatureList list) const;

  std::shared_ptr<const Settings> settings_;
  const bool offers_tools_;
  const bool offers_prompts_;
  const bool offers_resources_;
  const bool offers_completions_;
  const bool offers_tasks_;
  const bool offers_skills_;
  mutable std::mutex mutex_;
  mutable std::map<std::tuple<FeatureList, Revision, std::size_t>, jsonrpc::Serialized> kept_;
  mutable std::optional<Directories> directories_;
};

}  // namespace mcp::server
