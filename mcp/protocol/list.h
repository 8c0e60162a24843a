#pragma once

#include <mcp/protocol/cache.h>
#include <mcp/protocol/prompt.h>
#include <mcp/protocol/resource.h>
#include <mcp/protocol/tool.h>

namespace mcp {

/// The params of every list request.
struct ListParams {
  std::optional<std::string> cursor = {};  ///< an empty cursor is a cursor
};

/// One page of a list.
template <class T>
struct ListResult {
  std::vector<T> items = {};                    ///< `tools`, `resources`, ... on the wire
  std::optional<std::string> next_cursor = {};  ///< absent: the last page
  CacheHints cache = {};
  Json meta = nullptr;
};

using ListToolsResult = ListResult<Tool>;
using ListResourcesResult = ListResult<Resource>;
using ListResourceTemplatesResult = ListResult<ResourceTemplate>;
using ListPromptsResult = ListResult<Prompt>;

Json to_json(const ListParams& params, Revision revision);
Json to_json(const ListToolsResult& result, Revision revision);
Json to_json(const ListResourcesResult& result, Revision revision);
Json to_json(const ListResourceTemplatesResult& result, Revision revision);
Json to_json(const ListPromptsResult& result, Revision revision);

template <>
ListParams from_json<ListParams>(const Json& value);
template <>
ListToolsResult from_json<ListToolsResult>(const Json& value);
template <>
ListResourcesResult from_json<ListResourcesResult>(const Json& value);
template <>
ListResourceTemplatesResult from_json<ListResourceTemplatesResult>(const Json& value);
template <>
ListPromptsResult from_json<ListPromptsResult>(const Json& value);

}  // namespace mcp
