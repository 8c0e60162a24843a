#include <mcp/protocol/resource.h>

#include <mcp/protocol/meta.h>
#include <mcp/protocol/object_reader.h>
#include <mcp/protocol/object_writer.h>

namespace mcp {

using protocol::ObjectReader;
using protocol::ObjectWriter;

namespace {

/// What resources and templates have in common.
template <class T>
ObjectWriter& write_listed(ObjectWriter& out, const T& item, Revision revision) {
  out.set("name", item.name).text("description", item.description).text("mimeType", item.mime_type);
  if (has_title(revision)) out.text("title", item.title);
  if (!item.annotations.empty()) {
    Json annotations = to_json(item.annotations, revision);
    if (!annotations.empty()) out.set("annotations", std::move(annotations));
  }
  if (has_icons(revision)) out.optional_list("icons", item.icons, revision);
  return out.item_meta(item.meta, revision);
}

template <class T>
void read_listed(T& item, const ObjectReader& in) {
  item.name = in.get<std::string>("name");
  item.title = in.get_or<std::string>("title", {});
  item.description = in.get_or<std::string>("description", {});
  item.mime_type = in.get_or<std::string>("mimeType", {});
  item.annotations = in.get_or<Annotations>("annotations", {});
  item.icons = in.optional_list<Icon>("icons");
  item.meta = in.meta();
}

}  // namespace

Json to_json(const Resource& resource, Revision revision) {
  ObjectWriter out;
  out.set("uri", resource.uri).optional("size", resource.size);
  return write_listed(out, resource, revision).take();
}

Json to_json(const ResourceTemplate& resource_template, Revision revision) {
  ObjectWriter out;
  out.set("uriTemplate", resource_template.uri_template);
  return write_listed(out, resource_template, revision).take();
}

Json to_json(const ResourceParams& params, Revision) {
  return ObjectWriter().set("uri", params.uri).take();
}

Json to_json(const ReadResourceResult& result, Revision revision) {
  Json json = ObjectWriter().list("contents", result.contents, revision).meta(result.meta).take();
  add_cache_hints(json, result.cache, revision);
  add_result_type(json, ResultType::complete, revision);
  return json;
}

template <>
Resource from_json<Resource>(const Json& value) {
  ObjectReader in(value);
  Resource resource{.uri = in.get<std::string>("uri"), .name = {}};
  resource.size = in.optional<std::uint64_t>("size");
  read_listed(resource, in);
  return resource;
}

template <>
ResourceTemplate from_json<ResourceTemplate>(const Json& value) {
  ObjectReader in(value);
  ResourceTemplate resource_template{.uri_template = in.get<std::string>("uriTemplate"),
                                     .name = {}};
  read_listed(resource_template, in);
  return resource_template;
}

template <>
ResourceParams from_json<ResourceParams>(const Json& value) {
  return {.uri = ObjectReader(value).get<std::string>("uri")};
}

template <>
ReadResourceResult from_json<ReadResourceResult>(const Json& value) {
  ObjectReader in(value);
  return {.contents = in.list<ResourceContents>("contents"),
          .cache = read_cache_hints(value),
          .meta = in.meta()};
}

}  // namespace mcp
