#pragma once

#include <mcp/protocol/cache.h>
#include <mcp/protocol/content.h>

namespace mcp {

/// A resource as `resources/list` shows it.
struct Resource {
  std::string uri;
  std::string name;
  std::string title = {};
  std::string description = {};
  std::string mime_type = {};
  Annotations annotations = {};
  std::optional<std::uint64_t> size = {};  ///< bytes, before Base64
  std::vector<Icon> icons = {};
  Json meta = nullptr;
};

/// A family of resources, by an RFC 6570 template.
struct ResourceTemplate {
  std::string uri_template;
  std::string name;
  std::string title = {};
  std::string description = {};
  std::string mime_type = {};
  Annotations annotations = {};
  std::vector<Icon> icons = {};
  Json meta = nullptr;
};

/// `resources/read`, `resources/subscribe` and `resources/unsubscribe`.
struct ResourceParams {
  std::string uri;
};

/// What `resources/read` answers.
struct ReadResourceResult {
  std::vector<ResourceContents> contents;
  CacheHints cache = {};
  Json meta = nullptr;
};

Json to_json(const Resource& resource, Revision revision);
Json to_json(const ResourceTemplate& resource_template, Revision revision);
Json to_json(const ResourceParams& params, Revision revision);
Json to_json(const ReadResourceResult& result, Revision revision);

template <>
Resource from_json<Resource>(const Json& value);
template <>
ResourceTemplate from_json<ResourceTemplate>(const Json& value);
template <>
ResourceParams from_json<ResourceParams>(const Json& value);
template <>
ReadResourceResult from_json<ReadResourceResult>(const Json& value);

}  // namespace mcp
