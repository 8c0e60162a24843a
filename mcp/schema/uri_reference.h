#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mcp::schema {

/// The five parts of a URI reference (RFC 3986, section 3), as views into its text.
struct UriReference {
  std::optional<std::string_view> scheme, authority;
  std::string_view path;
  std::optional<std::string_view> query, fragment;
};

/// Splits without checking any part.
UriReference split_uri(std::string_view text);

/// RFC 3986, section 5.2: `reference` seen from `base`. An empty base leaves it as it is.
std::string resolve_uri(std::string_view base, std::string_view reference);

/// `%41` becomes `A`; what is no escape stays.
std::string decode_percent(std::string_view text);

}  // namespace mcp::schema
