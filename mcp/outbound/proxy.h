#pragma once

#include <functional>
#include <optional>
#include <string>

#include <mcp/outbound/url.h>

namespace mcp::outbound {

/// Reads an environment variable; empty when it is not set.
using ReadEnvironment = std::function<std::string(const char* name)>;

/// The proxy that the environment names for `url`: https_proxy or http_proxy by the scheme (upper
/// case too, except HTTP_PROXY, which a CGI caller controls), then all_proxy; none for loopback
/// hosts and hosts that no_proxy lists ("*", "host", ".domain", "host:port").
std::optional<HttpUrl> environment_proxy(const HttpUrl& url, const ReadEnvironment& environment);

}  // namespace mcp::outbound
