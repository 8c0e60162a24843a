#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mcp::outbound {

/// The parts of an absolute http(s) URL that a call needs.
struct HttpUrl {
  bool secure = false;
  /// Lower case, an IPv6 address without brackets; an IPv4 address in any of the forms that
  /// inet_aton knows (0x7f.1, 2130706433) as four decimal numbers.
  std::string host;
  int port = 0;        ///< the scheme's default when the URL names none
  std::string target;  ///< path and query, at least "/"
  std::string user;    ///< decoded nowhere: only proxies may carry user and password
  std::string password;
};

/// Empty when `url` is no http(s) URL or holds a character that may not stand in one.
std::optional<HttpUrl> parse_http_url(std::string_view url);

/// True for `localhost` and the addresses of the loopback interface.
bool is_loopback_host(std::string_view host);

}  // namespace mcp::outbound
