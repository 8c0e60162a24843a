#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <mcp/transport/http_headers.h>

// WWW-Authenticate (RFC 9110 section 11.6.1) and scopes (RFC 6749 section 3.3).

namespace mcp::auth {

/// One challenge of a `WWW-Authenticate` header.
struct AuthenticateChallenge {
  std::string scheme;                                           ///< in lower case
  std::vector<std::pair<std::string, std::string>> parameters;  ///< names in lower case

  /// nullptr when it is absent; the first counts.
  const std::string* parameter(std::string_view name) const;
};

/// Every challenge of the response's headers, in order. What can't be read ends the header it is
/// in; at most 16 challenges with 32 parameters. Never throws on input.
std::vector<AuthenticateChallenge> parse_www_authenticate(const HttpHeaders& headers);

/// The header's value: quoted, with `"` and `\` escaped; characters that may not stand in a header
/// become '?'.
std::string write_challenge(std::string_view scheme,
                            const std::vector<std::pair<std::string, std::string>>& parameters);

/// Splits a scope parameter at spaces, without repeats and tokens that RFC 6749 does not allow.
/// At most 100.
std::vector<std::string> split_scope(std::string_view scope);
std::string join_scope(const std::vector<std::string>& scopes);
/// Those of `first`, then those of `second` that are not in it.
std::vector<std::string> scope_union(std::vector<std::string> first,
                                     const std::vector<std::string>& second);
/// True when every scope of `wanted` is in `granted`.
bool scope_covers(const std::vector<std::string>& granted, const std::vector<std::string>& wanted);

}  // namespace mcp::auth
