#pragma once

#include <string>
#include <string_view>

#include <mcp/client/target.h>

namespace mcp::client {

/// Whether `address` is meant as a URL. A scheme like a URL's is never a program's name.
bool names_url(std::string_view address);

/// How `Client::connect`, which must not load OpenSSL, reaches the server at a URL: null unless the
/// program links fairlead::http, which sets it before main.
using HttpReaching = Target (*)(const std::string& url);
HttpReaching& http_reaching();

}  // namespace mcp::client
