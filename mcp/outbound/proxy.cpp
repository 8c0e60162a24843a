#include <mcp/outbound/proxy.h>

namespace mcp::outbound {
namespace {

bool exempt(const HttpUrl& url, std::string_view list) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    std::string entry(list.substr(0, comma));
    list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
    std::erase_if(entry, [](char c) { return c == ' ' || c == '\t'; });
    if (entry == "*") return true;
    if (entry.starts_with("*.")) entry.erase(0, 1);
    if (entry.empty()) continue;
    if (url.host == entry || url.host + ":" + std::to_string(url.port) == entry) return true;
    const std::string suffix = entry.front() == '.' ? entry : "." + entry;
    if (url.host.ends_with(suffix) || url.host == suffix.substr(1)) return true;
  }
  return false;
}

}  // namespace

std::optional<HttpUrl> environment_proxy(const HttpUrl& url, const ReadEnvironment& environment) {
  if (is_loopback_host(url.host)) return std::nullopt;
  const auto first = [&](std::initializer_list<const char*> names) {
    for (const char* name : names)
      if (std::string value = environment(name); !value.empty()) return value;
    return std::string{};
  };
  if (exempt(url, first({"no_proxy", "NO_PROXY"}))) return std::nullopt;
  std::string value = url.secure ? first({"https_proxy", "HTTPS_PROXY"}) : first({"http_proxy"});
  if (value.empty()) value = first({"all_proxy", "ALL_PROXY"});
  if (value.empty()) return std::nullopt;
  if (value.find("://") == std::string::npos) value.insert(0, "http://");
  return parse_http_url(value);
}

}  // namespace mcp::outbound
