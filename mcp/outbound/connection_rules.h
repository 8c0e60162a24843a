#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mcp/outbound/ip_address.h>
#include <mcp/outbound/proxy.h>
#include <mcp/outbound/url.h>

namespace mcp::outbound {

/// What a connection to somebody else's HTTP server may do, be it one blocking call or the
/// client's transport. The functions below are the one place that judges by it.
struct ConnectionRules {
  /// PEM file of the certificate authorities to trust instead of the system's; empty: the system's.
  std::string ca_file = {};
  /// PEM files of the certificate (chain) and key that this side shows when the server wants one.
  std::string client_certificate_file = {};
  std::string client_key_file = {};
  /// The proxy to go through, `http://[user:password@]host:port`; empty: the environment's.
  std::string proxy = {};
  /// Use `https_proxy`, `http_proxy`, `all_proxy` and `no_proxy` of the environment. Loopback
  /// addresses are never proxied.
  bool use_environment_proxy = true;
  /// Of one response (of an event stream: one event); past it the call fails.
  std::size_t max_body_bytes = 16 * 1024 * 1024;
  /// Redirects that a call follows, if it follows any: only where the method and the body stay
  /// (307, 308, or any of a GET), and within the origin unless `redirects_leave_origin`.
  std::size_t max_redirects = 5;
  /// For calls that carry nothing of the first origin's.
  bool redirects_leave_origin = false;
  /// Connect to the loopback interface, and to private, link-local and other addresses that are not
  /// public. False for URLs that somebody else chose.
  bool allow_loopback = true;
  bool allow_private = true;
  /// May be connected to all the same, whatever they are.
  std::vector<IpNetwork> allowed_networks = {};
  /// Ports of URLs; none: any.
  std::vector<int> allowed_ports = {};
};

/// The URL as an error may show it: without user, password, fragment and the values of the query.
std::string redacted_url(std::string_view url);
/// `host:port`, an IPv6 address in brackets.
std::string authority_of(const HttpUrl& url);

/// Why nothing may be sent to this URL, as far as its text tells; empty when it may.
std::string url_problem(const HttpUrl& url, const ConnectionRules& rules);
/// Why no connection may be opened to this IP address, which `host` resolved to; empty when it may.
std::string address_problem(const std::string& ip, const std::string& host,
                            const ConnectionRules& rules);

/// The proxy for `url`, if any. Throws std::invalid_argument for a proxy that can't be used.
std::optional<HttpUrl> proxy_for(const HttpUrl& url, const ConnectionRules& rules,
                                 const ReadEnvironment& environment);
/// The variables of this process.
std::string read_environment(const char* name);

/// Where a redirect leads, or why it is not followed.
struct Redirect {
  std::string url;
  std::string problem;
};
/// `followed`: how many redirects this call has followed before.
Redirect redirect_target(const std::string& from, std::string_view method, int status,
                         const std::string& location, std::size_t followed,
                         const ConnectionRules& rules);

}  // namespace mcp::outbound
