#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include <mcp/outbound/http_call.h>

namespace mcp::auth {

/// Makes one blocking HTTP call: over the runtime's loop, or as a test or an embedding program does
/// it. It is only asked for connections that the rules allow, with the address in
/// `options.pinned_address` when the rules restrict addresses.
using Connector = std::function<outbound::HttpResponse(const outbound::HttpRequest& request,
                                                       const outbound::HttpOptions& options,
                                                       std::stop_token stop)>;

/// The IP addresses of a host name; throws std::runtime_error when it has none.
using Resolver = std::function<std::vector<std::string>(const std::string& host)>;

}  // namespace mcp::auth
