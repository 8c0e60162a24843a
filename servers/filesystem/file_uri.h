#pragma once

#include <optional>
#include <string>

namespace fairlead::filesystem {

/// `file:///home/you/a%20b` for an absolute path.
std::string uri_of(const std::string& path);
/// The absolute path of a `file:` URI of this machine; nothing for any other URI.
std::optional<std::string> path_of(const std::string& uri);

}  // namespace fairlead::filesystem
