#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// URIs as RFC 3986 defines them. All functions are thread-safe; views point into their argument.

namespace mcp {

/// The parts of a URI reference, still percent-encoded and without their delimiters.
struct UriParts {
  std::optional<std::string_view> scheme;
  std::optional<std::string_view> authority;
  std::string_view path;
  std::optional<std::string_view> query;
  std::optional<std::string_view> fragment;
};

/// Splits any text as a URI reference (appendix B); checks nothing else.
UriParts split_uri(std::string_view reference) noexcept;

/// `userinfo@host:port`; an IPv6 host keeps its brackets.
struct UriAuthority {
  std::optional<std::string_view> userinfo;
  std::string_view host;
  std::optional<std::uint16_t> port;
};

/// Nothing when the port is no number up to 65535 or the brackets do not match. An empty port
/// counts as absent.
std::optional<UriAuthority> split_authority(std::string_view authority) noexcept;

/// True when `text` has only characters that a URI reference may have, complete percent-encodings
/// and a well-formed scheme, if any.
bool is_uri_reference(std::string_view text) noexcept;
/// As above, with a scheme (what MCP calls a URI).
bool is_uri(std::string_view text) noexcept;

/// Encodes every byte that is not unreserved (letters, digits, `-._~`) as `%XX`, except those in
/// `keep`.
std::string percent_encode(std::string_view bytes, std::string_view keep = {});
/// Decodes `%XX`; `+` stays. Nothing when a percent sign is not followed by two hexadecimal digits.
std::optional<std::string> percent_decode(std::string_view text);

/// Resolves `.` and `..` segments (section 5.2.4).
std::string remove_dot_segments(std::string_view path);
/// `reference` as seen from `base`, which must have a scheme (section 5.2.2, strict).
std::string resolve_uri(std::string_view base, std::string_view reference);

}  // namespace mcp
