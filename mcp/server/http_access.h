#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <mcp/server/http_options.h>

namespace mcp::server {

/// Which hosts a request may name and which web pages may send it: the defence against DNS
/// rebinding (basic/transports, "Security Warning").
class HttpAccess {
 public:
  explicit HttpAccess(const HttpOptions& options);

  /// Why the request is refused (403); empty when it is not.
  std::string problem(const HttpRequest& request) const;
  /// Headers that let the page read the answer; empty unless another origin asks.
  HttpHeaders cors_headers(const HttpRequest& request) const;
  /// The answer to a preflight request (OPTIONS).
  HttpResponse preflight(const HttpRequest& request) const;

 private:
  bool host_named(std::string_view host) const;
  bool origin_listed(const std::string& origin) const;

  const HttpOptions& options_;
  bool loopback_;  ///< listens on loopback only
  bool any_host_;  ///< no names were given, and it listens for other machines
};

/// Whether a `content-type` or `accept` header lists this media type; `accept` may say `*/*`.
bool lists_media_type(std::string_view header, std::string_view type);

}  // namespace mcp::server
