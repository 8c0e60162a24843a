#include <mcp/protocol/roots.h>

#include <mcp/protocol/object_reader.h>
#include <mcp/protocol/object_writer.h>

namespace mcp {

using protocol::ObjectReader;
using protocol::ObjectWriter;

Json to_json(const Root& root, Revision revision) {
  return ObjectWriter()
      .set("uri", root.uri)
      .text("name", root.name)
      .item_meta(root.meta, revision)
      .take();
}

Json to_json(const ListRootsParams&, Revision) {
  return Json::object();
}

Json to_json(const ListRootsResult& result, Revision revision) {
  return ObjectWriter().list("roots", result.roots, revision).meta(result.meta).take();
}

template <>
Root from_json<Root>(const Json& value) {
  ObjectReader in(value);
  return {.uri = in.get<std::string>("uri"),
          .name = in.get_or<std::string>("name", {}),
          .meta = in.meta()};
}

template <>
ListRootsParams from_json<ListRootsParams>(const Json& value) {
  if (!value.is_null()) protocol::read_object(value);
  return {};
}

template <>
ListRootsResult from_json<ListRootsResult>(const Json& value) {
  ObjectReader in(value);
  return {.roots = in.list<Root>("roots"), .meta = in.meta()};
}

}  // namespace mcp
