#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mcp::outbound {

/// An IP address as 16 bytes; an IPv4 address is mapped into ::ffff:0:0/96.
using IpAddress = std::array<std::uint8_t, 16>;

/// Nothing when `text` is no IPv4 (four decimal numbers) or IPv6 address; a zone (`%eth0`) is
/// dropped.
std::optional<IpAddress> parse_ip_address(const std::string& text);

/// The addresses of a host name by the system's resolver; blocks. Throws std::runtime_error.
std::vector<std::string> resolve_host(const std::string& host);

/// A network: the addresses whose first `bits` of 128 are those of `first`.
struct IpNetwork {
  IpAddress first = {};
  int bits = 128;
};
/// `10.0.0.0/8`, `fd00::/8`, or one address. Nothing for anything else, and for a network whose
/// address has bits set behind its prefix.
std::optional<IpNetwork> parse_ip_network(const std::string& text);
bool contains(const IpNetwork& network, const IpAddress& address);

bool is_loopback(const IpAddress& address);
/// Reachable from everywhere in the internet: not private, link-local, loopback, multicast,
/// reserved, or one of these inside an IPv6 transition address (IANA special-purpose registries).
bool is_public(const IpAddress& address);

}  // namespace mcp::outbound
