#pragma once

#include <cstddef>
#include <string>

#include <mcp/base/runtime.h>

namespace mcp {

/// A token that can not be guessed: `bytes` random bytes (128 bits by default) as base64url.
/// Thread-safe.
std::string random_token(Environment& environment, std::size_t bytes = 16);

/// A random UUID (RFC 9562, version 4). Thread-safe.
std::string random_uuid(Environment& environment);

}  // namespace mcp
