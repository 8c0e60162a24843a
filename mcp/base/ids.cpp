#include <mcp/base/ids.h>

#include <array>
#include <cstdint>
#include <vector>

#include <mcp/base/base64.h>
#include <mcp/base/digest.h>

namespace mcp {

std::string random_token(Environment& environment, std::size_t bytes) {
  std::vector<std::uint8_t> random(bytes);
  environment.random_bytes(std::as_writable_bytes(std::span(random)));
  return base64url_encode(random);
}

std::string random_uuid(Environment& environment) {
  std::array<std::uint8_t, 16> random{};
  environment.random_bytes(std::as_writable_bytes(std::span(random)));
  random[6] = static_cast<std::uint8_t>((random[6] & 0x0F) | 0x40);
  random[8] = static_cast<std::uint8_t>((random[8] & 0x3F) | 0x80);
  std::string text = hex_encode(random);
  for (const std::size_t at : {8u, 13u, 18u, 23u}) text.insert(at, "-");
  return text;
}

}  // namespace mcp
