#include <mcp/server/http_access.h>

#include <algorithm>

#include <mcp/base/ascii.h>
#include <mcp/schema/format_checks.h>

namespace mcp::server {
namespace {

bool is_address(std::string_view host) {
  if (!host.starts_with('[')) return schema::is_ipv4(host);
  return host.ends_with(']') && schema::is_ipv6(host.substr(1, host.size() - 2));
}

/// `[::1]:80` → `[::1]`, `localhost:80` → `localhost`; empty for what is no `host[:port]`, such as
/// `user@host`.
std::string_view host_of(std::string_view authority) {
  const bool bracketed = authority.starts_with('[');
  const std::size_t end = bracketed ? authority.find(']') + 1 : authority.find(':');
  const std::string_view host = authority.substr(0, end);
  const std::string_view port = authority.substr(host.size());
  if (!port.empty() &&
      (port.front() != ':' || port.size() > 6 ||
       !std::all_of(port.begin() + 1, port.end(), [](char c) { return is_ascii_digit(c); })))
    return {};
  const auto of_a_name = [](char c) {
    return is_ascii_alphanumeric(c) || c == '.' || c == '-' || c == '_';
  };
  if (bracketed ? !is_address(host) : !std::all_of(host.begin(), host.end(), of_a_name)) return {};
  return host;
}

/// Of 127/8 only addresses: a name such as 127.example.org leads where its owner wants.
bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "[::1]" || host == "::1" ||
         (schema::is_ipv4(host) && host.starts_with("127."));
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

HttpAccess::HttpAccess(const HttpOptions& options)
    : options_(options),
      loopback_(options.listen.unix_path.empty() && is_loopback(ascii_lower(options.listen.host))),
      any_host_(!loopback_ && options.allowed_hosts.empty()) {}

bool HttpAccess::host_named(std::string_view host) const {
  if (is_loopback(host)) return true;
  return std::any_of(options_.allowed_hosts.begin(), options_.allowed_hosts.end(),
                     [&](const std::string& allowed) { return ascii_lower(allowed) == host; });
}

bool HttpAccess::origin_listed(const std::string& origin) const {
  return std::any_of(
      options_.allowed_origins.begin(), options_.allowed_origins.end(),
      [&](const std::string& allowed) { return allowed == "*" || ascii_lower(allowed) == origin; });
}

std::string HttpAccess::problem(const HttpRequest& request) const {
  std::size_t hosts = 0;
  for (const auto& [name, value] : request.headers) hosts += name == "host" ? 1 : 0;
  const std::string* host = request.header("host");
  if (hosts != 1) return "a request has exactly one Host header";
  const std::string authority = ascii_lower(*host);
  const std::string_view name = host_of(authority);
  if (name.empty() || !(any_host_ || host_named(name)))
    return "this server does not answer to the host '" + *host + "'";
  const std::string* origin = request.header("origin");
  if (origin == nullptr) return {};
  const std::string asked = ascii_lower(*origin);
  // A page's own host: but any name may be made to lead here, and then is the page's own, too.
  if ((asked == "http://" + authority || asked == "https://" + authority) &&
      (host_named(name) || is_address(name)))
    return {};
  if (origin_listed(asked)) return {};
  return "pages of the origin '" + *origin + "' may not call this server";
}

HttpHeaders HttpAccess::cors_headers(const HttpRequest& request) const {
  const std::string* origin = request.header("origin");
  if (origin == nullptr || !origin_listed(ascii_lower(*origin))) return {};
  return {{"Access-Control-Allow-Origin", *origin},
          {"Vary", "Origin"},
          {"Access-Control-Expose-Headers",
           "Mcp-Session-Id, MCP-Protocol-Version, WWW-Authenticate, Retry-After"}};
}

HttpResponse HttpAccess::preflight(const HttpRequest& request) const {
  HttpResponse response{204, cors_headers(request)};
  if (response.headers.empty()) return response;
  response.headers.emplace_back("Access-Control-Allow-Methods", "GET, POST, DELETE");
  // Parameters of tools travel in headers whose names only the page knows.
  if (const std::string* asked = request.header("access-control-request-headers"))
    response.headers.emplace_back("Access-Control-Allow-Headers", *asked);
  response.headers.emplace_back("Access-Control-Max-Age", "600");
  return response;
}

bool lists_media_type(std::string_view header, std::string_view type) {
  while (!header.empty()) {
    const std::size_t comma = header.find(',');
    const std::string item = ascii_lower(trim(header.substr(0, std::min(comma, header.find(';')))));
    if (item == type || item == "*/*" || item == std::string(type.substr(0, type.find('/'))) + "/*")
      return true;
    header.remove_prefix(comma == std::string_view::npos ? header.size() : comma + 1);
  }
  return false;
}

}  // namespace mcp::server
