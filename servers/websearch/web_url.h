#pragma once

#include <string>
#include <string_view>

namespace fairlead::websearch {

/// The URL as it is sent: http(s), host in lower case (international names as IDNA), no fragment,
/// no default port, what may not stand in a URL percent-encoded. `example.org/x` counts as https.
/// Throws Failure (bad_url) for anything else, and for one with a user or a password.
std::string web_url(std::string_view text);

/// Equal for URLs that lead to the same page as far as can be told: without `www.`, a slash at the
/// end, and the parameters of campaigns (utm_…, gclid, …); the others sorted. For comparing only.
std::string page_key(std::string_view url);

/// `https://host:port` of a URL of web_url().
std::string origin_of(std::string_view url);
/// Its host.
std::string host_of(std::string_view url);
/// Whether `host` is `domain` or below it: docs.example.org is in example.org.
bool is_in_domain(std::string_view host, std::string_view domain);

}  // namespace fairlead::websearch
