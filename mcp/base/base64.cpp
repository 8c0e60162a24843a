#include <mcp/base/base64.h>

#include <array>

namespace mcp {
namespace {

constexpr std::string_view standard_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t outside = 0xFF;

using Values = std::array<std::uint8_t, 256>;

constexpr Values values_of(std::string_view alphabet) {
  Values values{};
  for (std::uint8_t& value : values) value = outside;
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  return values;
}

constexpr Values standard_values = values_of(standard_alphabet);
constexpr Values url_values = values_of(url_alphabet);

std::string encode(std::span<const std::uint8_t> bytes, std::string_view alphabet, bool padded) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  std::size_t at = 0;
  for (; at + 3 <= bytes.size(); at += 3) {
    const std::uint32_t group = static_cast<std::uint32_t>(bytes[at] << 16) |
                                static_cast<std::uint32_t>(bytes[at + 1] << 8) | bytes[at + 2];
    const char text[] = {alphabet[group >> 18], alphabet[(group >> 12) & 63],
                         alphabet[(group >> 6) & 63], alphabet[group & 63]};
    out.append(text, 4);
  }
  const std::size_t left = bytes.size() - at;
  if (left == 0) return out;
  const std::uint32_t group = static_cast<std::uint32_t>(bytes[at] << 16) |
                              (left == 2 ? static_cast<std::uint32_t>(bytes[at + 1] << 8) : 0u);
  out += alphabet[group >> 18];
  out += alphabet[(group >> 12) & 63];
  if (left == 2) out += alphabet[(group >> 6) & 63];
  if (padded) out.append(3 - left, '=');
  return out;
}

std::optional<std::vector<std::uint8_t>> decode(std::string_view text, const Values& values) {
  if (text.size() % 4 == 1) return std::nullopt;
  std::vector<std::uint8_t> out;
  out.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (char c : text) {
    const std::uint8_t value = values[static_cast<unsigned char>(c)];
    if (value == outside) return std::nullopt;
    bits = (bits << 6) | value;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out.push_back(static_cast<std::uint8_t>(bits >> count));
    bits &= (1u << count) - 1;
  }
  if (bits != 0) return std::nullopt;
  return out;
}

std::span<const std::uint8_t> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

std::string base64_encode(std::span<const std::uint8_t> bytes) {
  return encode(bytes, standard_alphabet, true);
}

std::string base64_encode(std::string_view bytes) {
  return base64_encode(as_bytes(bytes));
}

std::string base64url_encode(std::span<const std::uint8_t> bytes) {
  return encode(bytes, url_alphabet, false);
}

std::string base64url_encode(std::string_view bytes) {
  return base64url_encode(as_bytes(bytes));
}

std::optional<std::vector<std::uint8_t>> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
  return decode(text, standard_values);
}

std::optional<std::vector<std::uint8_t>> base64url_decode(std::string_view text) {
  return decode(text, url_values);
}

}  // namespace mcp
