#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// RFC 4648. Thread-safe.

namespace mcp {

/// Section 4: `+` and `/`, padded.
std::string base64_encode(std::span<const std::uint8_t> bytes);
std::string base64_encode(std::string_view bytes);
/// Section 5: `-` and `_`, without padding.
std::string base64url_encode(std::span<const std::uint8_t> bytes);
std::string base64url_encode(std::string_view bytes);

/// Strict: padding required, no character outside the alphabet, unused bits zero; else nothing.
std::optional<std::vector<std::uint8_t>> base64_decode(std::string_view text);
/// Strict: no padding, no character outside the alphabet, unused bits zero; else nothing.
std::optional<std::vector<std::uint8_t>> base64url_decode(std::string_view text);

}  // namespace mcp
