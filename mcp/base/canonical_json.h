#pragma once

#include <string>

#include <mcp/base/json.h>

namespace mcp {

/// The one text of a JSON value (RFC 8785), for digests and comparison: members sorted by UTF-16
/// code units, no spaces, shortest numbers. Beyond the RFC, whose numbers are doubles: integers
/// keep every digit and number texts stay as they are, so that different numbers have different
/// texts. Invalid UTF-8 becomes U+FFFD, a non-finite double null. Throws mcp::Error (invalid
/// params) for a value nested deeper than 1000 levels. Thread-safe.
std::string canonical_json(const Json& value);

}  // namespace mcp
