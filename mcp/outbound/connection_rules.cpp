#include <algorithm>
#include <cstdlib>
#include <stdexcept>

#include <mcp/base/uri.h>
#include <mcp/outbound/connection_rules.h>
#include <mcp/outbound/ip_address.h>

namespace mcp::outbound {
namespace {

std::string forbidden(const std::string& what) {
  return what + ", which this connection may not be opened to";
}

bool is_allowed_by_name(const IpAddress& address, const ConnectionRules& rules) {
  return std::any_of(rules.allowed_networks.begin(), rules.allowed_networks.end(),
                     [&](const IpNetwork& network) { return contains(network, address); });
}

bool some_loopback_is_allowed(const ConnectionRules& rules) {
  return std::any_of(
      rules.allowed_networks.begin(), rules.allowed_networks.end(), [](const IpNetwork& network) {
        return is_loopback(network.first) || contains(network, *parse_ip_address("127.0.0.1")) ||
               contains(network, *parse_ip_address("::1"));
      });
}

std::string problem_of(const IpAddress& address, const std::string& shown,
                       const ConnectionRules& rules) {
  if (is_allowed_by_name(address, rules)) return {};
  if (is_loopback(address)) {
    return rules.allow_loopback ? std::string() : forbidden(shown + " is this machine");
  }
  if (!rules.allow_private && !is_public(address)) {
    return forbidden(shown + " is no public address");
  }
  return {};
}

}  // namespace

std::string redacted_url(std::string_view url) {
  url = url.substr(0, url.find('#'));
  const std::size_t query = url.find('?');
  std::string out(url.substr(0, query));
  const std::size_t scheme = out.find("://");
  if (scheme != std::string::npos) {
    const std::size_t end = std::min(out.find('/', scheme + 3), out.size());
    const std::size_t at = out.rfind('@', end);
    if (at != std::string::npos && at > scheme) out.erase(scheme + 3, at - scheme - 2);
  }
  if (query == std::string_view::npos) return out;
  std::string_view rest = url.substr(query + 1);
  for (char separator = '?'; !rest.empty(); separator = '&') {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    const std::size_t equals = pair.find('=');
    // A bare word may be the secret itself.
    out += separator;
    out += equals == std::string_view::npos ? "…" : std::string(pair.substr(0, equals)) + "=…";
  }
  return out;
}

std::string authority_of(const HttpUrl& url) {
  return (url.host.find(':') == std::string::npos ? url.host : "[" + url.host + "]") + ":" +
         std::to_string(url.port);
}

std::string url_problem(const HttpUrl& url, const ConnectionRules& rules) {
  if (!url.user.empty() || !url.password.empty()) {
    return "the URL carries a user or a password: send them in a header instead";
  }
  const auto& ports = rules.allowed_ports;
  if (!ports.empty() && std::find(ports.begin(), ports.end(), url.port) == ports.end()) {
    std::string known;
    for (const int port : ports) known += (known.empty() ? "" : ", ") + std::to_string(port);
    return "port " + std::to_string(url.port) + " is none of those that may be used (" + known +
           ")";
  }
  if (const auto literal = parse_ip_address(url.host)) return problem_of(*literal, url.host, rules);
  if (!rules.allow_loopback && is_loopback_host(url.host) && !some_loopback_is_allowed(rules)) {
    return forbidden(url.host + " is this machine");
  }
  return {};
}

std::string address_problem(const std::string& ip, const std::string& host,
                            const ConnectionRules& rules) {
  const auto address = parse_ip_address(ip);
  if (!address) return forbidden("\"" + ip + "\" is no IP address");
  return problem_of(*address, ip == host ? ip : ip + " (" + host + ")", rules);
}

std::optional<HttpUrl> proxy_for(const HttpUrl& url, const ConnectionRules& rules,
                                 const ReadEnvironment& environment) {
  std::optional<HttpUrl> proxy;
  if (!rules.proxy.empty()) {
    if (is_loopback_host(url.host)) return std::nullopt;
    proxy = parse_http_url(rules.proxy);
    if (!proxy) throw std::invalid_argument("the proxy is no http URL");
  } else if (rules.use_environment_proxy) {
    proxy = environment_proxy(url, environment);
  }
  if (proxy && proxy->secure) {
    throw std::invalid_argument("the proxy " + authority_of(*proxy) +
                                " is to be reached over https: name it as http://");
  }
  return proxy;
}

std::string read_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

Redirect redirect_target(const std::string& from, std::string_view method, int status,
                         const std::string& location, std::size_t followed,
                         const ConnectionRules& rules) {
  const auto refuse = [](const std::string& why) { return Redirect{{}, why}; };
  const bool stays = status == 307 || status == 308 ||
                     (method == "GET" && (status == 301 || status == 302 || status == 303));
  if (!stays) return refuse("it would turn the " + std::string(method) + " into a GET");
  if (followed >= rules.max_redirects) {
    return refuse("more than " + std::to_string(rules.max_redirects) + " redirects");
  }
  const std::string target = resolve_uri(from, location);
  const auto old_url = parse_http_url(from);
  const auto new_url = parse_http_url(target);
  if (!old_url || !new_url) return refuse("it leads to no http or https URL");
  if (rules.redirects_leave_origin) {
    std::string problem = url_problem(*new_url, rules);
    return problem.empty() ? Redirect{target, {}} : refuse(problem);
  }
  if (old_url->secure != new_url->secure || old_url->host != new_url->host ||
      old_url->port != new_url->port) {
    return refuse("it leads to another origin, " + std::string(new_url->secure ? "https" : "http") +
                  "://" + authority_of(*new_url));
  }
  if (std::string problem = url_problem(*new_url, rules); !problem.empty()) return refuse(problem);
  return {target, {}};
}

}  // namespace mcp::outbound
