#pragma once

#include <string>

namespace mcp::outbound {

/// Asks the proxy at the other end of `socket` for a tunnel to `authority` (host:port); `account`
/// is `user:password`, or empty. Blocks. The answer is read to the end of its head and no further.
/// Why there is no tunnel; empty when there is one.
std::string open_tunnel(int socket, const std::string& authority, const std::string& account);

}  // namespace mcp::outbound
