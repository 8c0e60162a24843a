#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

// Texts that a schema names (properties, constants), compared with those of instances. Most are
// short: their ends, which a few reads fetch, are all of them.

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

/// A text of an instance beside its first bytes; lives as long as the instance does.
struct TextView {
  explicit TextView(std::string_view whole) : text(whole), first(first_bytes(whole)) {}
  std::string_view text;
  std::uint64_t first;
};

class KnownText {
 public:
  explicit KnownText(std::string whole) : text(std::move(whole)), first_(first_bytes(text)) {
    const std::size_t size = text.size();
    if (size >= 8) {
      head_ = read<std::uint64_t>(text.data());
      tail_ = read<std::uint64_t>(text.data() + size - 8);
    } else if (size >= 4) {
      head_ = read<std::uint32_t>(text.data());
      tail_ = read<std::uint32_t>(text.data() + size - 4);
    }
  }

  bool operator==(std::string_view other) const noexcept {
    const char* const data = other.data();
    const std::size_t size = text.size();
    if (other.size() != size) return false;
    if (size >= 8)
      return ((read<std::uint64_t>(data) ^ head_) |
              (read<std::uint64_t>(data + size - 8) ^ tail_)) == 0 &&
             (size <= 16 || std::memcmp(text.data() + 8, data + 8, size - 16) == 0);
    if (size >= 4)
      return ((read<std::uint32_t>(data) ^ head_) |
              (read<std::uint32_t>(data + size - 4) ^ tail_)) == 0;
    return size == 0 || (data[0] == text[0] && data[size / 2] == text[size / 2] &&
                         data[size - 1] == text[size - 1]);
  }

  /// Whether this text sorts before the other, byte by byte.
  bool sorts_before(const TextView& other) const noexcept {
    return first_ != other.first ? first_ < other.first : text < other.text;
  }

  std::string text;

 private:
  template <typename Word>
  static Word read(const char* from) noexcept {
    Word word;
    std::memcpy(&word, from, sizeof word);
    return word;
  }

  std::uint64_t head_ = 0;  ///< the first and the last bytes, which overlap in a short text
  std::uint64_t tail_ = 0;
  std::uint64_t first_;
};

}  // namespace mcp::schema
