#include <algorithm>
#include <charconv>

#include <mcp/base/ascii.h>
#include <mcp/outbound/url.h>

namespace mcp::outbound {
namespace {

bool is_sendable(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte >= 0x7F || c == '<' || c == '>' || c == '"';
  });
}

std::optional<std::uint32_t> number_of(std::string_view part) {
  int base = 10;
  if (part.starts_with("0x")) {
    base = 16;
    part.remove_prefix(2);
    if (part.empty()) return 0;
  } else if (part.size() > 1 && part.front() == '0') {
    base = 8;
  }
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value, base);
  if (part.empty() || error != std::errc{} || end != part.data() + part.size()) return std::nullopt;
  return value;
}

// As resolvers read a name that ends in a number: an IPv4 address of one to four parts. False when
// it is none, and then it is no host at all.
bool make_numeric_host_decimal(std::string& host) {
  std::string_view rest = host;
  if (rest.ends_with('.')) rest.remove_suffix(1);
  const std::string_view last = rest.substr(rest.rfind('.') + 1);
  const bool numeric =
      !last.empty() &&
      (last.find_first_not_of("0123456789") == last.npos ||
       (last.starts_with("0x") && last.find_first_not_of("0123456789abcdef", 2) == last.npos));
  if (!numeric) return true;
  std::uint64_t address = 0;
  for (unsigned parts = 1; parts <= 4; ++parts) {
    const std::size_t dot = rest.find('.');
    const auto value = number_of(rest.substr(0, dot));
    if (!value) return false;
    if (dot != std::string_view::npos) {
      if (*value > 0xFF) return false;
      address |= std::uint64_t{*value} << (32 - 8 * parts);
      rest.remove_prefix(dot + 1);
      continue;
    }
    if (*value >> (32 - 8 * (parts - 1)) % 32 != 0 && parts > 1) return false;
    address |= *value;
    host.clear();
    for (int shift = 24; shift >= 0; shift -= 8) {
      host += std::to_string((address >> static_cast<unsigned>(shift)) & 0xFFU);
      if (shift > 0) host += '.';
    }
    return true;
  }
  return false;
}

}  // namespace

std::optional<HttpUrl> parse_http_url(std::string_view url) {
  if (!is_sendable(url)) return std::nullopt;
  const std::size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return std::nullopt;
  HttpUrl out;
  const std::string scheme = ascii_lower(url.substr(0, scheme_end));
  if (scheme == "https") {
    out.secure = true;
  } else if (scheme != "http") {
    return std::nullopt;
  }
  url.remove_prefix(scheme_end + 3);
  url = url.substr(0, url.find('#'));

  const std::size_t authority_end = std::min(url.find_first_of("/?"), url.size());
  std::string_view authority = url.substr(0, authority_end);
  out.target = std::string(url.substr(authority_end));
  if (out.target.empty() || out.target.front() == '?') out.target.insert(0, "/");

  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    const std::string_view account = authority.substr(0, at);
    const std::size_t colon = account.find(':');
    out.user = std::string(account.substr(0, colon));
    if (colon != std::string_view::npos) out.password = std::string(account.substr(colon + 1));
    authority.remove_prefix(at + 1);
  }

  std::string_view port;
  if (!authority.empty() && authority.front() == '[') {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    out.host = ascii_lower(authority.substr(1, close - 1));
    port = authority.substr(close + 1);
    if (!port.empty() && port.front() != ':') return std::nullopt;
    if (!port.empty()) port.remove_prefix(1);
  } else {
    const std::size_t colon = authority.find(':');
    out.host = ascii_lower(authority.substr(0, colon));
    if (colon != std::string_view::npos) port = authority.substr(colon + 1);
    if (!make_numeric_host_decimal(out.host)) return std::nullopt;
  }
  if (out.host.empty()) return std::nullopt;
  out.port = out.secure ? 443 : 80;
  if (!port.empty()) {
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
    if (error != std::errc{} || end != port.data() + port.size()) return std::nullopt;
    if (out.port < 1 || out.port > 65535) return std::nullopt;
  }
  return out;
}

bool is_loopback_host(std::string_view host) {
  if (host == "localhost" || host == "::1" || host.ends_with(".localhost")) return true;
  // 127/8 as an address, not a name such as 127.example.org
  return host.starts_with("127.") &&
         host.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace mcp::outbound
