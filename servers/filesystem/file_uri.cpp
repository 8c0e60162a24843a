#include "servers/filesystem/file_uri.h"

#include <mcp/base/uri.h>

namespace fairlead::filesystem {

std::string uri_of(const std::string& path) {
  return "file://" + mcp::percent_encode(path, "/!$&'()*+,;=:@");
}

std::optional<std::string> path_of(const std::string& uri) {
  const mcp::UriParts parts = mcp::split_uri(uri);
  if (parts.scheme != "file" || parts.query || parts.fragment) return std::nullopt;
  if (parts.authority && !parts.authority->empty() && *parts.authority != "localhost") {
    return std::nullopt;
  }
  auto path = mcp::percent_decode(parts.path);
  if (!path || path->empty() || path->front() != '/') return std::nullopt;
  if (path->find('\0') != std::string::npos) return std::nullopt;
  return path;
}

}  // namespace fairlead::filesystem
