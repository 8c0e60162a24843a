#include <mcp/protocol/content.h>

#include <array>
#include <utility>

#include <mcp/base/base64.h>
#include <mcp/protocol/object_reader.h>
#include <mcp/protocol/object_writer.h>

namespace mcp {

using protocol::ObjectReader;
using protocol::ObjectWriter;

namespace {

std::string in_base64(std::span<const std::byte> bytes) {
  return base64_encode(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

/// How many bytes a Base64 text stands for.
std::size_t decoded_size(std::string_view base64) {
  std::size_t padding = base64.ends_with("==") ? 2 : base64.ends_with('=') ? 1 : 0;
  std::size_t size = base64.size() / 4 * 3;
  return size < padding ? 0 : size - padding;
}

std::string note(std::string_view what, const std::string& mime_type, std::string_view base64) {
  return "[" + std::string(what) + ": " + mime_type + ", " + std::to_string(decoded_size(base64)) +
         " bytes]";
}

struct ToText {
  std::string operator()(const TextContent& content) const { return content.text; }
  std::string operator()(const ImageContent& content) const {
    return note("image", content.mime_type, content.data);
  }
  std::string operator()(const AudioContent& content) const {
    return note("audio", content.mime_type, content.data);
  }
  std::string operator()(const ResourceLink& link) const {
    std::string text = "[resource link: " + link.name + " <" + link.uri + ">";
    if (!link.description.empty()) text += ", " + link.description;
    return text + "]";
  }
  std::string operator()(const EmbeddedResource& content) const {
    const ResourceContents& resource = content.resource;
    if (!resource.blob) return resource.text;
    return note("resource " + resource.uri, resource.mime_type, *resource.blob);
  }
  std::string operator()(const UnknownContent& content) const {
    auto type = content.value.find("type");
    return "[content of unknown type" +
           (type != content.value.end() && type->is_string() ? " " + type->get<std::string>()
                                                             : std::string()) +
           "]";
  }
};

void add_annotations(ObjectWriter& out, const Annotations& annotations, Revision revision) {
  if (annotations.empty()) return;
  Json value = to_json(annotations, revision);
  if (!value.empty()) out.set("annotations", std::move(value));
}

template <class Media>
Json media_to_json(const char* type, const Media& content, Revision revision) {
  ObjectWriter out;
  out.set("type", type).set("data", content.data).set("mimeType", content.mime_type);
  add_annotations(out, content.annotations, revision);
  return out.item_meta(content.meta, revision).take();
}

struct ToJson {
  Revision revision;

  Json operator()(const TextContent& content) const {
    ObjectWriter out;
    out.set("type", "text").set("text", content.text);
    add_annotations(out, content.annotations, revision);
    return out.item_meta(content.meta, revision).take();
  }
  Json operator()(const ImageContent& content) const {
    return media_to_json("image", content, revision);
  }
  Json operator()(const AudioContent& content) const {
    if (!has_audio(revision)) return as_text(content, content.annotations);
    return media_to_json("audio", content, revision);
  }
  Json operator()(const ResourceLink& link) const {
    if (!has_resource_link(revision)) return as_text(link, link.annotations);
    ObjectWriter out;
    out.set("type", "resource_link")
        .set("uri", link.uri)
        .set("name", link.name)
        .text("title", link.title)
        .text("description", link.description)
        .text("mimeType", link.mime_type)
        .optional("size", link.size);
    if (has_icons(revision)) out.optional_list("icons", link.icons, revision);
    add_annotations(out, link.annotations, revision);
    return out.item_meta(link.meta, revision).take();
  }
  Json operator()(const EmbeddedResource& content) const {
    ObjectWriter out;
    out.set("type", "resource").set("resource", to_json(content.resource, revision));
    add_annotations(out, content.annotations, revision);
    return out.item_meta(content.meta, revision).take();
  }
  Json operator()(const UnknownContent& content) const { return as_text(content, {}); }

 private:
  template <class T>
  Json as_text(const T& content, const Annotations& annotations) const {
    return (*this)(TextContent{.text = ToText{}(content), .annotations = annotations});
  }
};

template <class Media>
Media read_media(const ObjectReader& in) {
  return {.data = in.get<std::string>("data"),
          .mime_type = in.get<std::string>("mimeType"),
          .annotations = in.get_or<Annotations>("annotations", {}),
          .meta = in.meta()};
}

}  // namespace

TextContent text_content(std::string text) {
  return {.text = std::move(text)};
}

ImageContent image_content(std::span<const std::byte> bytes, std::string mime_type) {
  return {.data = in_base64(bytes), .mime_type = std::move(mime_type)};
}

AudioContent audio_content(std::span<const std::byte> bytes, std::string mime_type) {
  return {.data = in_base64(bytes), .mime_type = std::move(mime_type)};
}

ResourceContents text_contents(std::string uri, std::string text, std::string mime_type) {
  return {.uri = std::move(uri), .mime_type = std::move(mime_type), .text = std::move(text)};
}

ResourceContents blob_contents(std::string uri, std::span<const std::byte> bytes,
                               std::string mime_type) {
  return {.uri = std::move(uri), .mime_type = std::move(mime_type), .blob = in_base64(bytes)};
}

std::string to_text(const Content& content) {
  return std::visit(ToText{}, content);
}

std::string_view to_string(Role role) noexcept {
  return role == Role::user ? "user" : "assistant";
}

Json to_json(const Annotations& annotations, Revision revision) {
  ObjectWriter out;
  if (!annotations.audience.empty()) {
    Json audience = Json::array();
    for (Role role : annotations.audience) audience.push_back(to_string(role));
    out.set("audience", std::move(audience));
  }
  out.optional("priority", annotations.priority);
  if (has_last_modified(revision)) out.text("lastModified", annotations.last_modified);
  return out.take();
}

Json to_json(const ResourceContents& contents, Revision revision) {
  ObjectWriter out;
  out.set("uri", contents.uri).text("mimeType", contents.mime_type);
  if (contents.blob) {
    out.set("blob", *contents.blob);
  } else {
    out.set("text", contents.text);
  }
  return out.item_meta(contents.meta, revision).take();
}

Json to_json(const Content& content, Revision revision) {
  return std::visit(ToJson{revision}, content);
}

template <>
Role from_json<Role>(const Json& value) {
  static constexpr std::array<std::pair<std::string_view, Role>, 2> roles = {
      {{"user", Role::user}, {"assistant", Role::assistant}}};
  return protocol::read_name(value, roles, "\"user\" or \"assistant\"");
}

template <>
Annotations from_json<Annotations>(const Json& value) {
  ObjectReader in(value);
  return {.audience = in.optional_list<Role>("audience"),
          .priority = in.optional<double>("priority"),
          .last_modified = in.get_or<std::string>("lastModified", {})};
}

template <>
ResourceContents from_json<ResourceContents>(const Json& value) {
  ObjectReader in(value);
  ResourceContents contents{.uri = in.get<std::string>("uri"),
                            .mime_type = in.get_or<std::string>("mimeType", {}),
                            .blob = in.optional<std::string>("blob"),
                            .meta = in.meta()};
  if (!contents.blob) {
    if (!in.has("text")) throw Malformed("", "neither \"text\" nor \"blob\" is there");
    contents.text = in.get<std::string>("text");
  }
  return contents;
}

template <>
Content from_json<Content>(const Json& value) {
  ObjectReader in(value);
  const auto type = in.get<std::string>("type");
  if (type == "text") {
    return TextContent{.text = in.get<std::string>("text"),
                       .annotations = in.get_or<Annotations>("annotations", {}),
                       .meta = in.meta()};
  }
  if (type == "image") return read_media<ImageContent>(in);
  if (type == "audio") return read_media<AudioContent>(in);
  if (type == "resource_link") {
    return ResourceLink{.uri = in.get<std::string>("uri"),
                        .name = in.get<std::string>("name"),
                        .title = in.get_or<std::string>("title", {}),
                        .description = in.get_or<std::string>("description", {}),
                        .mime_type = in.get_or<std::string>("mimeType", {}),
                        .annotations = in.get_or<Annotations>("annotations", {}),
                        .size = in.optional<std::uint64_t>("size"),
                        .icons = in.optional_list<Icon>("icons"),
                        .meta = in.meta()};
  }
  if (type == "resource") {
    return EmbeddedResource{.resource = in.get<ResourceContents>("resource"),
                            .annotations = in.get_or<Annotations>("annotations", {}),
                            .meta = in.meta()};
  }
  return UnknownContent{value};
}

}  // namespace mcp
