#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>
#include <algorithm>
#include <memory>
#include <stdexcept>

#include <mcp/outbound/ip_address.h>

namespace mcp::outbound {
namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

struct V4Range {
  std::uint32_t first;
  int bits;
};
constexpr std::uint32_t v4(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  return (a << 24U) | (b << 16U) | (c << 8U);
}
constexpr V4Range not_public_v4[] = {
    {v4(0, 0, 0), 8},      {v4(10, 0, 0), 8},     {v4(100, 64, 0), 10}, {v4(127, 0, 0), 8},
    {v4(169, 254, 0), 16}, {v4(172, 16, 0), 12},  {v4(192, 0, 0), 24},  {v4(192, 0, 2), 24},
    {v4(192, 88, 99), 24}, {v4(192, 168, 0), 16}, {v4(198, 18, 0), 15}, {v4(198, 51, 100), 24},
    {v4(203, 0, 113), 24}, {v4(224, 0, 0), 4},    {v4(240, 0, 0), 4},
};

bool is_public_v4(const std::uint8_t* bytes) {
  const std::uint32_t address = v4(bytes[0], bytes[1], bytes[2]) | bytes[3];
  return std::none_of(std::begin(not_public_v4), std::end(not_public_v4), [&](const V4Range& no) {
    return address >> static_cast<unsigned>(32 - no.bits) ==
           no.first >> static_cast<unsigned>(32 - no.bits);
  });
}

bool has_prefix(const IpAddress& address, std::initializer_list<std::uint8_t> prefix) {
  return std::equal(prefix.begin(), prefix.end(), address.begin());
}

bool is_mapped(const IpAddress& address) {
  return std::equal(mapped_prefix.begin(), mapped_prefix.end(), address.begin());
}

}  // namespace

std::optional<IpAddress> parse_ip_address(const std::string& text) {
  IpAddress out{};
  if (inet_pton(AF_INET, text.c_str(), out.data() + 12) == 1) {
    std::copy(mapped_prefix.begin(), mapped_prefix.end(), out.begin());
    return out;
  }
  if (inet_pton(AF_INET6, text.substr(0, text.find('%')).c_str(), out.data()) == 1) return out;
  return std::nullopt;
}

std::optional<IpNetwork> parse_ip_network(const std::string& text) {
  const std::size_t slash = text.find('/');
  const auto address = parse_ip_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  IpNetwork network{*address, 128};
  if (slash != std::string::npos) {
    const std::string digits = text.substr(slash + 1);
    const bool is_v4 = text.find(':') == std::string::npos;
    if (digits.empty() || digits.size() > 3 ||
        digits.find_first_not_of("0123456789") != std::string::npos) {
      return std::nullopt;
    }
    network.bits = std::stoi(digits) + (is_v4 ? 96 : 0);
    if (network.bits > 128) return std::nullopt;
  }
  IpAddress masked = network.first;
  for (std::size_t bit = static_cast<std::size_t>(network.bits); bit < 128; ++bit) {
    masked[bit / 8] &= static_cast<std::uint8_t>(~(0x80U >> (bit % 8)));
  }
  if (masked != network.first) return std::nullopt;
  return network;
}

bool contains(const IpNetwork& network, const IpAddress& address) {
  for (std::size_t bit = 0; bit < static_cast<std::size_t>(network.bits); ++bit) {
    const auto mask = static_cast<std::uint8_t>(0x80U >> (bit % 8));
    if (((network.first[bit / 8] ^ address[bit / 8]) & mask) != 0) return false;
  }
  return true;
}

std::vector<std::string> resolve_host(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found); error != 0) {
    throw std::runtime_error("can't resolve " + host + ": " + gai_strerror(error));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, freeaddrinfo);
  std::vector<std::string> out;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (getnameinfo(at->ai_addr, at->ai_addrlen, text.data(), text.size(), nullptr, 0,
                    NI_NUMERICHOST) == 0) {
      out.emplace_back(text.data());
    }
  }
  return out;
}

bool is_loopback(const IpAddress& address) {
  if (is_mapped(address)) return address[12] == 127;
  IpAddress one{};
  one[15] = 1;
  return address == one;
}

bool is_public(const IpAddress& address) {
  if (is_mapped(address)) return is_public_v4(address.data() + 12);
  // Translated addresses lead to the IPv4 address inside them: NAT64 and 6to4.
  if (has_prefix(address, {0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0})) {
    return is_public_v4(address.data() + 12);
  }
  if (has_prefix(address, {0x20, 0x02})) return is_public_v4(address.data() + 2);
  // ISATAP keeps the IPv4 address that it tunnels to in its last half.
  const bool isatap =
      (address[8] & 0xFD) == 0 && address[9] == 0 && address[10] == 0x5E && address[11] == 0xFE;
  if (isatap && !is_public_v4(address.data() + 12)) return false;
  // Global unicast is 2000::/3; of it, protocol assignments (2001::/23) and examples are not.
  if ((address[0] & 0xE0) != 0x20) return false;
  if (has_prefix(address, {0x20, 0x01}) && (address[2] & 0xFE) == 0) return false;
  return !has_prefix(address, {0x20, 0x01, 0x0D, 0xB8}) && !has_prefix(address, {0x3F, 0xFF});
}

}  // namespace mcp::outbound
