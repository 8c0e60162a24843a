#pragma once

#include <optional>
#include <string>
#include <vector>

#include <mcp/protocol/from_json.h>
#include <mcp/protocol/revision.h>

namespace mcp {

/// For which background an icon was drawn.
enum class IconTheme { light, dark };

/// An image that a client may show beside a name (2025-11-25, basic, "Icons").
struct Icon {
  std::string src;                      ///< `https:` or `data:` URI
  std::string mime_type = {};           ///< overrides the type that the source states
  std::vector<std::string> sizes = {};  ///< such as "48x48" or "any"
  std::optional<IconTheme> theme = {};
};

/// Who speaks: the name and version of a client or server program.
struct Implementation {
  std::string name;  ///< for programs; shown when there is no title
  std::string version;
  std::string title = {};  ///< for people
  std::string description = {};
  std::string website_url = {};
  std::vector<Icon> icons = {};
};

Json to_json(const Icon& icon, Revision revision);
Json to_json(const Implementation& implementation, Revision revision);

template <>
Icon from_json<Icon>(const Json& value);
template <>
Implementation from_json<Implementation>(const Json& value);

}  // namespace mcp
