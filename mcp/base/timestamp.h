#pragma once

#include <chrono>
#include <string>

namespace mcp {

/// `2026-01-31T23:59:59.123Z`: UTC, RFC 3339, as the protocol's times are written. Thread-safe.
std::string to_timestamp(std::chrono::system_clock::time_point time);

}  // namespace mcp
