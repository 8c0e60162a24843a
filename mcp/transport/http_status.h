#pragma once

#include <string>
#include <string_view>

#include <mcp/transport/http_server.h>

namespace mcp {

/// "Not Found" for 404.
std::string_view reason_phrase(int status);
/// A response whose body is one line for a person.
HttpResponse plain_response(int status, std::string message);

}  // namespace mcp
