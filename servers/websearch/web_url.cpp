#include "servers/websearch/web_url.h"

#ifdef FAIRLEAD_HAS_LIBIDN2
#include <idn2.h>
#endif

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include <mcp/base/uri.h>
#include <mcp/base/utf8.h>
#include <mcp/outbound/url.h>

#include "servers/websearch/character.h"
#include "servers/websearch/failure.h"

namespace fairlead::websearch {
namespace {

constexpr std::size_t max_url_bytes = 8'000;
// Parameters that only tell where a reader came from; names that end in `_` are beginnings.
constexpr std::string_view campaign_parameters[] = {
    "utm_",  "mc_",    "pk_",     "gclid",  "fbclid", "dclid",  "msclkid",
    "yclid", "igshid", "ref_src", "_hsenc", "_hsmi",  "gbraid", "wbraid"};

[[noreturn]] void refuse(const std::string& why) {
  throw Failure(why, Failure::Kind::bad_url);
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string ascii_host(std::string_view host) {
  std::string decoded = mcp::percent_decode(host).value_or(std::string(host));
  if (is_ascii(decoded)) return to_lower(decoded);
#ifdef FAIRLEAD_HAS_LIBIDN2
  char* made = nullptr;
  const int flags = IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL;
  if (mcp::is_valid_utf8(decoded) && idn2_to_ascii_8z(decoded.c_str(), &made, flags) == IDN2_OK) {
    const std::unique_ptr<char, decltype(&idn2_free)> owner(made, idn2_free);
    return made;
  }
#endif
  refuse("The host name " + mcp::replace_invalid_utf8(decoded) + " is no name of the internet.");
}

// Encodes what may not stand in a URL; what is encoded already stays as it is.
std::string encoded(std::string_view text) {
  return mcp::percent_encode(text, "!$&'()*+,;=:@/?%[]");
}

bool is_campaign(std::string_view name) {
  return std::any_of(std::begin(campaign_parameters), std::end(campaign_parameters),
                     [&](std::string_view known) {
                       return known.ends_with('_') ? name.starts_with(known) : name == known;
                     });
}

std::string_view authority_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  url.remove_prefix(scheme + 3);
  return url.substr(0, url.find_first_of("/?#"));
}

}  // namespace

std::string web_url(std::string_view text) {
  text = trimmed(text);
  if (text.empty()) refuse("The URL is empty.");
  if (text.size() > max_url_bytes) {
    refuse("The URL is longer than " + std::to_string(max_url_bytes) + " bytes.");
  }
  std::string whole(text);
  std::erase_if(whole, [](char c) { return c == '\t' || c == '\n' || c == '\r'; });
  auto parts = mcp::split_uri(whole);
  if (!parts.authority) {
    const std::string_view first = whole;
    const std::string_view host = first.substr(0, first.find_first_of("/?#:"));
    const bool names_host = host.find('.') != std::string_view::npos && first.front() != '/';
    const bool other_scheme = parts.scheme && parts.scheme->find('.') == std::string_view::npos;
    if (!names_host || other_scheme) {
      refuse("\"" + mcp::replace_invalid_utf8(whole.substr(0, 200)) +
             "\" is no web address: give an absolute URL such as https://example.org/page.");
    }
    whole.insert(0, "https://");
    parts = mcp::split_uri(whole);
  }
  const std::string scheme = to_lower(parts.scheme.value_or(""));
  if (scheme != "http" && scheme != "https") {
    refuse("The scheme \"" + scheme.substr(0, 40) + "\" is not allowed: only http and https are.");
  }
  const auto authority = mcp::split_authority(*parts.authority);
  if (!authority || authority->host.empty()) refuse("The URL has no host, or a wrong port.");
  if (authority->userinfo) {
    refuse("The URL carries a user or a password, which are not sent to web pages.");
  }
  std::string url = scheme + "://" + ascii_host(authority->host);
  const int default_port = scheme == "https" ? 443 : 80;
  if (authority->port && *authority->port != default_port) {
    url += ":" + std::to_string(*authority->port);
  }
  const std::string path = encoded(parts.path);
  url += path.empty() ? "/" : mcp::remove_dot_segments(path);
  if (parts.query) url += "?" + encoded(*parts.query);
  const auto parsed = mcp::outbound::parse_http_url(url);
  if (!parsed) refuse("The host of the URL is no host name and no address.");
  // An IPv4 address in another form is written as four numbers.
  const std::string written = std::string(authority_of(url));
  const bool is_v6 = parsed->host.find(':') != std::string::npos;
  std::string canonical = is_v6 ? "[" + parsed->host + "]" : parsed->host;
  if (parsed->port != default_port) canonical += ":" + std::to_string(parsed->port);
  url.replace(scheme.size() + 3, written.size(), canonical);
  return url;
}

std::string page_key(std::string_view url) {
  std::string key;
  try {
    key = web_url(url);
  } catch (const Failure&) {
    return std::string(url);
  }
  key.erase(0, key.find("://") + 3);
  if (key.starts_with("www.")) key.erase(0, 4);
  const std::size_t question = std::min(key.find('?'), key.size());
  std::string query = key.substr(question);
  key.resize(question);
  for (const char* index : {"index.html", "index.htm", "index.php"}) {
    if (key.ends_with("/" + std::string(index))) {
      key.resize(key.size() - std::string_view(index).size());
    }
  }
  while (key.ends_with('/')) key.pop_back();
  std::vector<std::string> parameters;
  for (std::size_t at = 1; at < query.size();) {
    const std::size_t end = std::min(query.find('&', at), query.size());
    std::string parameter = query.substr(at, end - at);
    const std::string name = to_lower(std::string_view(parameter).substr(0, parameter.find('=')));
    if (!parameter.empty() && !is_campaign(name)) parameters.push_back(std::move(parameter));
    at = end + 1;
  }
  std::sort(parameters.begin(), parameters.end());
  char separator = '?';
  for (const std::string& parameter : parameters) {
    key += separator + parameter;
    separator = '&';
  }
  return key;
}

std::string origin_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  return std::string(url.substr(0, scheme + 3)) + std::string(authority_of(url));
}

std::string host_of(std::string_view url) {
  const auto parsed = mcp::outbound::parse_http_url(url);
  return parsed ? parsed->host : std::string();
}

bool is_in_domain(std::string_view host, std::string_view domain) {
  if (domain.empty() || !host.ends_with(domain)) return false;
  return host.size() == domain.size() || host[host.size() - domain.size() - 1] == '.';
}

}  // namespace fairlead::websearch
