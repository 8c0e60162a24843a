#pragma once

#include <string>
#include <vector>

#include <mcp/protocol/from_json.h>
#include <mcp/protocol/revision.h>

namespace mcp {

/// A folder (or file) that the client lets the server work in.
struct Root {
  std::string uri;  ///< `file:` URI
  std::string name = {};
  Json meta = nullptr;
};

/// `roots/list`: has no parameters of its own.
struct ListRootsParams {};

struct ListRootsResult {
  std::vector<Root> roots = {};
  Json meta = nullptr;
};

Json to_json(const Root& root, Revision revision);
Json to_json(const ListRootsParams& params, Revision revision);
Json to_json(const ListRootsResult& result, Revision revision);

template <>
Root from_json<Root>(const Json& value);
template <>
ListRootsParams from_json<ListRootsParams>(const Json& value);
template <>
ListRootsResult from_json<ListRootsResult>(const Json& value);

}  // namespace mcp
