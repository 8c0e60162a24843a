#pragma once

#include <string>

#include <mcp/client/target.h>
#include <mcp/transport/http_client.h>

// Part of fairlead::http.

namespace mcp {

/// The server at an http or https URL. Throws std::invalid_argument for any other text.
Target http_target(const std::string& url, HttpClientOptions options = {});

/// The server at `address`: an http or https URL, else the command line of a program that speaks
/// over its stdin and stdout, split as a shell would (quotes and backslashes, no expansion).
Target target_at(const std::string& address, const HttpClientOptions& options = {});

}  // namespace mcp
