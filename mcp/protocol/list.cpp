#include <mcp/protocol/list.h>

#include <mcp/protocol/meta.h>
#include <mcp/protocol/object_reader.h>
#include <mcp/protocol/object_writer.h>

namespace mcp {

using protocol::ObjectReader;
using protocol::ObjectWriter;

namespace {

template <class T>
Json write_page(const char* name, const ListResult<T>& result, Revision revision) {
  Json json = ObjectWriter()
                  .list(name, result.items, revision)
                  .optional("nextCursor", result.next_cursor)
                  .meta(result.meta)
                  .take();
  add_cache_hints(json, result.cache, revision);
  add_result_type(json, ResultType::complete, revision);
  return json;
}

template <class T>
ListResult<T> read_page(const char* name, const Json& value) {
  ObjectReader in(value);
  return {.items = in.list<T>(name),
          .next_cursor = in.optional<std::string>("nextCursor"),
          .cache = read_cache_hints(value),
          .meta = in.meta()};
}

}  // namespace

Json to_json(const ListParams& params, Revision) {
  return ObjectWriter().optional("cursor", params.cursor).take();
}

Json to_json(const ListToolsResult& result, Revision revision) {
  return write_page("tools", result, revision);
}

Json to_json(const ListResourcesResult& result, Revision revision) {
  return write_page("resources", result, revision);
}

Json to_json(const ListResourceTemplatesResult& result, Revision revision) {
  return write_page("resourceTemplates", result, revision);
}

Json to_json(const ListPromptsResult& result, Revision revision) {
  return write_page("prompts", result, revision);
}

template <>
ListParams from_json<ListParams>(const Json& value) {
  // A list request may have no params at all.
  if (value.is_null()) return {};
  return {.cursor = ObjectReader(value).optional<std::string>("cursor")};
}

template <>
ListToolsResult from_json<ListToolsResult>(const Json& value) {
  return read_page<Tool>("tools", value);
}

template <>
ListResourcesResult from_json<ListResourcesResult>(const Json& value) {
  return read_page<Resource>("resources", value);
}

template <>
ListResourceTemplatesResult from_json<ListResourceTemplatesResult>(const Json& value) {
  return read_page<ResourceTemplate>("resourceTemplates", value);
}

template <>
ListPromptsResult from_json<ListPromptsResult>(const Json& value) {
  return read_page<Prompt>("prompts", value);
}

}  // namespace mcp
