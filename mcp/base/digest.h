#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace mcp {

using Sha256 = std::array<std::uint8_t, 32>;

/// SHA-256 of `bytes`. Thread-safe.
Sha256 sha256(std::string_view bytes);
/// The same as 64 lower-case hexadecimal digits.
std::string sha256_hex(std::string_view bytes);

/// Two lower-case hexadecimal digits a byte.
std::string hex_encode(std::span<const std::uint8_t> bytes);

/// Compares secrets: the time taken does not depend on where they differ (only on their length).
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace mcp
