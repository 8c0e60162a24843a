#include <client/cli/probe_wire.h>

#include <mcp/base/version.h>
#include <mcp/jsonrpc/codec.h>
#include <mcp/protocol/lifecycle.h>
#include <mcp/protocol/meta.h>
#include <mcp/protocol/method.h>

namespace fairlead::agent {

std::string wire_request(mcp::Revision revision, const Json& id, const std::string& method,
                         Json params) {
  const mcp::Implementation self{.name = "fairlead probe", .version = mcp::version()};
  if (method == mcp::method::initialize) {
    params = mcp::to_json(
        mcp::InitializeParams{.protocol_version = std::string(mcp::to_string(revision)),
                              .client_info = self},
        revision);
  } else if (mcp::era(revision) == mcp::Era::stateless) {
    mcp::add_request_meta(params,
                          {.protocol_version = std::string(mcp::to_string(revision)),
                           .client_info = self,
                           .client_capabilities = mcp::ClientCapabilities{}},
                          revision);
  }
  Json request{{"jsonrpc", "2.0"}};
  if (!id.is_null()) request["id"] = id;
  request["method"] = method;
  if (!params.empty()) request["params"] = std::move(params);
  return mcp::jsonrpc::encode_value(request);
}

}  // namespace fairlead::agent
