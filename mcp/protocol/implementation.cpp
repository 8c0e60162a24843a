#include <mcp/protocol/implementation.h>

#include <mcp/protocol/object_reader.h>
#include <mcp/protocol/object_writer.h>

namespace mcp {

using protocol::ObjectReader;
using protocol::ObjectWriter;

Json to_json(const Icon& icon, Revision) {
  ObjectWriter out;
  out.set("src", icon.src).text("mimeType", icon.mime_type).optional_texts("sizes", icon.sizes);
  if (icon.theme) out.set("theme", *icon.theme == IconTheme::light ? "light" : "dark");
  return out.take();
}

Json to_json(const Implementation& implementation, Revision revision) {
  ObjectWriter out;
  out.set("name", implementation.name).set("version", implementation.version);
  if (has_title(revision)) out.text("title", implementation.title);
  if (has_icons(revision)) {
    out.text("description", implementation.description)
        .text("websiteUrl", implementation.website_url)
        .optional_list("icons", implementation.icons, revision);
  }
  return out.take();
}

template <>
Icon from_json<Icon>(const Json& value) {
  ObjectReader in(value);
  Icon icon{.src = in.get<std::string>("src"),
            .mime_type = in.get_or<std::string>("mimeType", {}),
            .sizes = in.optional_list<std::string>("sizes")};
  // A theme that a later revision adds is no reason to refuse the icon.
  auto theme = in.get_or<std::string>("theme", {});
  if (theme == "light") icon.theme = IconTheme::light;
  if (theme == "dark") icon.theme = IconTheme::dark;
  return icon;
}

template <>
Implementation from_json<Implementation>(const Json& value) {
  ObjectReader in(value);
  return {.name = in.get<std::string>("name"),
          .version = in.get<std::string>("version"),
          .title = in.get_or<std::string>("title", {}),
          .description = in.get_or<std::string>("description", {}),
          .website_url = in.get_or<std::string>("websiteUrl", {}),
          .icons = in.optional_list<Icon>("icons")};
}

}  // namespace mcp
