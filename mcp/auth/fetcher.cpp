#include <algorithm>
#include <stdexcept>

#include <mcp/auth/auth_error.h>
#include <mcp/auth/document.h>
#include <mcp/auth/fetcher.h>
#include <mcp/base/uri.h>
#include <mcp/outbound/ip_address.h>

namespace mcp::auth {
namespace {

constexpr std::size_t max_document_bytes = std::size_t{256} << 10;
constexpr std::size_t max_form_fields = 100;

bool is_link_local(const outbound::IpAddress& address) {
  const bool mapped = address[10] == 0xFF && address[11] == 0xFF &&
                      std::all_of(address.begin(), address.begin() + 10,
                                  [](std::uint8_t byte) { return byte == 0; });
  if (mapped) return address[12] == 169 && address[13] == 254;
  return address[0] == 0xFE && (address[1] & 0xC0) == 0x80;
}

bool is_link_local(const std::string& ip) {
  const auto address = outbound::parse_ip_address(ip);
  return address && is_link_local(*address);
}

std::string form_encode(std::string_view text) {
  return percent_encode(text);
}

std::optional<std::string> form_decode(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  return percent_decode(spaced);
}

}  // namespace

std::string encode_form(const Form& form) {
  std::string out;
  for (const auto& [name, value] : form) {
    if (!out.empty()) out += '&';
    out += form_encode(name) + "=" + form_encode(value);
  }
  return out;
}

Form decode_form(std::string_view query) {
  Form form;
  while (!query.empty() && form.size() < max_form_fields) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto name = form_decode(pair.substr(0, equals));
    auto value = form_decode(pair.substr(std::min(equals + 1, pair.size())));
    if (name && value && !name->empty()) form.emplace_back(*std::move(name), *std::move(value));
  }
  return form;
}

const std::string* single_field(const Form& form, std::string_view name) {
  const std::string* found = nullptr;
  for (const auto& [key, value] : form) {
    if (key != name) continue;
    if (found != nullptr) return nullptr;
    found = &value;
  }
  return found;
}

Fetcher::Fetcher(outbound::ConnectionRules rules, Connector connector, Resolver resolver,
                 std::stop_token stop)
    : connector_(std::move(connector)), resolver_(std::move(resolver)), stop_(std::move(stop)) {
  static_cast<outbound::ConnectionRules&>(options_) = std::move(rules);
  options_.max_body_bytes = std::min(options_.max_body_bytes, max_document_bytes);
  options_.headers_timeout = std::chrono::seconds(20);
  options_.idle_timeout = std::chrono::seconds(10);
  options_.total_timeout = std::chrono::seconds(30);
  if (!resolver_) resolver_ = outbound::resolve_host;
}

std::string Fetcher::problem(const std::string& url) const {
  const auto parsed = outbound::parse_http_url(url);
  if (!parsed) return "is no http or https URL";
  if (!parsed->secure && !outbound::is_loopback_host(parsed->host))
    return "is not https (http is for loopback only)";
  if (is_link_local(parsed->host)) return parsed->host + " is a link-local address";
  return outbound::url_problem(*parsed, options_);
}

outbound::HttpResponse Fetcher::call(outbound::HttpRequest request, std::string_view what) {
  const auto refuse = [&](const std::string& why) {
    throw AuthError("can't get " + std::string(what) + ": " + why);
  };
  if (const std::string why = problem(request.url); !why.empty())
    refuse(printable(outbound::redacted_url(request.url)) + ": " + why);
  const auto url = *outbound::parse_http_url(request.url);
  // Some authorization servers refuse who does not say it.
  request.headers.emplace_back("User-Agent", "fairlead");
  outbound::HttpOptions options = options_;
  try {
    const bool proxied = outbound::proxy_for(url, options, outbound::read_environment).has_value();
    if (!proxied && !(outbound::is_loopback_host(url.host) && options.allow_loopback)) {
      std::string why = url.host + " has no address";
      for (const std::string& ip : resolver_(url.host)) {
        why = is_link_local(ip) ? ip + " (" + url.host + ") is a link-local address"
                                : outbound::address_problem(ip, url.host, options);
        if (!why.empty()) continue;
        options.pinned_address = ip;
        break;
      }
      if (options.pinned_address.empty()) refuse(why);
    }
    return connector_(request, options, stop_);
  } catch (const AuthError&) {
    throw;
  } catch (const std::exception& error) {
    refuse(error.what());
  }
  throw AuthError("unreachable");
}

outbound::HttpResponse Fetcher::get(const std::string& url, std::string_view what) {
  std::string at = url;
  for (std::size_t followed = 0;; ++followed) {
    outbound::HttpRequest request;
    request.url = at;
    request.headers = {{"Accept", "application/json"}};
    auto response = call(std::move(request), what);
    if (response.status < 300 || response.status >= 400) return response;
    const auto location = response.header("location");
    if (!location) return response;
    const auto redirect =
        outbound::redirect_target(at, "GET", response.status, *location, followed, options_);
    if (!redirect.problem.empty())
      throw AuthError("can't get " + std::string(what) + ": the redirect from " +
                      printable(outbound::redacted_url(at)) +
                      " is not followed: " + redirect.problem);
    at = redirect.url;
  }
}

outbound::HttpResponse Fetcher::post(const std::string& url, std::string content_type,
                                     std::string body, outbound::Headers headers,
                                     std::string_view what) {
  outbound::HttpRequest request;
  request.method = "POST";
  request.url = url;
  request.headers = std::move(headers);
  request.headers.emplace_back("Content-Type", std::move(content_type));
  request.headers.emplace_back("Accept", "application/json");
  request.body = std::move(body);
  return call(std::move(request), what);
}

outbound::ConnectionRules foreign_rules(outbound::ConnectionRules rules,
                                        const std::string& server_url, const Resolver& resolver) {
  const auto url = outbound::parse_http_url(server_url);
  const bool on_loopback = url && outbound::is_loopback_host(url->host);
  rules.allow_loopback = rules.allow_loopback && on_loopback;
  if (!url || on_loopback || !rules.allow_private) {
    rules.allow_private = false;
    return rules;
  }
  rules.allow_private = false;
  try {
    for (const std::string& ip :
         resolver ? resolver(url->host) : outbound::resolve_host(url->host)) {
      const auto address = outbound::parse_ip_address(ip);
      if (address && !outbound::is_public(*address) && !outbound::is_loopback(*address))
        rules.allow_private = true;
    }
  } catch (const std::runtime_error&) {
    // Behind a proxy names need not resolve here; then nothing speaks for a private network.
  }
  return rules;
}

}  // namespace mcp::auth
