#include <mcp/server/watched.h>

#include <mcp/protocol/malformed.h>

namespace mcp::server {

void require_watchable(const std::string& uri, const std::string& path,
                       const ServerLimits& limits) {
  if (uri.size() > limits.watched_uri_bytes)
    throw Malformed(path, "is longer than " + std::to_string(limits.watched_uri_bytes) +
                              " bytes, this server's limit for what is watched");
}

Error too_many_watched(const std::string& path, const ServerLimits& limits) {
  return Malformed(path, "the connection would watch more than " +
                             std::to_string(limits.watched_resources) +
                             " resources, this server's limit: end a subscription first");
}

}  // namespace mcp::server
