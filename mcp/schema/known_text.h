#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

// Texts that a schema names (properties, constants), compared with those of instances: most
// differ, or are equal, in the first eight bytes, which one number holds.

namespace mcp::schema {

/// The first eight bytes as a number that sorts as they do; shorter texts are filled with zeros.
inline std::uint64_t first_bytes(std::string_view text) noexcept {
  const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
  const std::size_t size = text.size();
  if constexpr (std::endian::native == std::endian::little) {
    std::uint64_t value = 0;
    if (size >= 8) {
      std::memcpy(&value, bytes, 8);
    } else if (size >= 4) {
      // Two reads that overlap where they must agree.
      std::uint32_t low = 0;
      std::uint32_t high = 0;
      std::memcpy(&low, bytes, 4);
      std::memcpy(&high, bytes + size - 4, 4);
      value = low | std::uint64_t{high} << (8 * (size - 4));
    } else if (size > 0) {
      value = bytes[0] | std::uint64_t{bytes[size / 2]} << (8 * (size / 2)) |
              std::uint64_t{bytes[size - 1]} << (8 * (size - 1));
    }
    return __builtin_bswap64(value);
  } else {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i) value = value << 8 | (i < size ? bytes[i] : 0U);
    return value;
  }
}

/// A text beside its first bytes: one of an instance, which lives as long as that does.
struct TextView {
  explicit TextView(std::string_view whole) : text(whole), first(first_bytes(whole)) {}
  std::string_view text;
  std::uint64_t first;
};

struct KnownText {
  explicit KnownText(std::string whole) : text(std::move(whole)), first(first_bytes(text)) {}
  std::string text;
  std::uint64_t first;

  bool operator==(const TextView& other) const noexcept {
    return first == other.first && text.size() == other.text.size() &&
           (text.size() <= 8 ||
            std::memcmp(text.data() + 8, other.text.data() + 8, text.size() - 8) == 0);
  }
  /// Below zero when this text sorts before the other, byte by byte.
  int compare(const TextView& other) const noexcept {
    if (first != other.first) return first < other.first ? -1 : 1;
    return *this == other ? 0 : text.compare(other.text);
  }
};

}  // namespace mcp::schema
