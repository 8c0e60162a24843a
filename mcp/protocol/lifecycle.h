#pragma once

#include <mcp/protocol/cache.h>
#include <mcp/protocol/capabilities.h>
#include <mcp/protocol/implementation.h>

namespace mcp {

/// `initialize` (session era).
struct InitializeParams {
  std::string protocol_version;  ///< as it was asked for; it may be unknown
  ClientCapabilities capabilities = {};
  Implementation client_info;
};

struct InitializeResult {
  std::string protocol_version;
  ServerCapabilities capabilities = {};
  Implementation server_info;
  std::string instructions = {};  ///< for the model: how to use this server
  Json meta = nullptr;
};

/// What `server/discover` answers (stateless era). The server's name is in `_meta`: see
/// `add_server_info` and `read_server_info` in <mcp/protocol/meta.h>.
struct DiscoverResult {
  std::vector<std::string> supported_versions;
  ServerCapabilities capabilities = {};
  std::string instructions = {};
  CacheHints cache = {};
  Json meta = nullptr;
};

/// The dates of every revision, oldest first: `supportedVersions`, and `data.supported` of -32022.
std::vector<std::string> supported_versions();
/// The error for a revision that this side does not speak.
Error unsupported_protocol_version(std::string_view requested);

Json to_json(const InitializeParams& params, Revision revision);
Json to_json(const InitializeResult& result, Revision revision);
Json to_json(const DiscoverResult& result, Revision revision);

template <>
InitializeParams from_json<InitializeParams>(const Json& value);
template <>
InitializeResult from_json<InitializeResult>(const Json& value);
template <>
DiscoverResult from_json<DiscoverResult>(const Json& value);

}  // namespace mcp
