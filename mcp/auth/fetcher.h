#pragma once

#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <mcp/auth/connector.h>

namespace mcp::auth {

/// The fields of an `application/x-www-form-urlencoded` body or query.
using Form = std::vector<std::pair<std::string, std::string>>;
std::string encode_form(const Form& form);
/// Decodes a query; what is not well encoded is left out. At most 100 fields.
Form decode_form(std::string_view query);
/// The field's value; nullptr when it is missing or there twice (RFC 6749 section 3.1).
const std::string* single_field(const Form& form, std::string_view name);

/// Fetches documents and tokens for one authorization, within bounds: 256 KiB and 30 s a call,
/// redirects of a GET within its origin only, https except on loopback, and no address that the
/// rules forbid: names are resolved once, judged, and the judged address is connected to.
/// Link-local addresses are never connected to, whatever the rules say: cloud machines keep their
/// own credentials there. Blocking; one thread at a time.
class Fetcher {
 public:
  /// Without a resolver: the system's.
  Fetcher(outbound::ConnectionRules rules, Connector connector, Resolver resolver,
          std::stop_token stop);

  /// `what` names the purpose in errors. Any status is a response.
  /// Throws AuthError when there is none; it names host and port, nothing else of the URL.
  outbound::HttpResponse get(const std::string& url, std::string_view what);
  outbound::HttpResponse post(const std::string& url, std::string content_type, std::string body,
                              outbound::Headers headers, std::string_view what);

  /// Why the URL must not be called, as far as its text tells; empty when it may.
  std::string problem(const std::string& url) const;

  const std::stop_token& stop() const { return stop_; }

 private:
  outbound::HttpResponse call(outbound::HttpRequest request, std::string_view what);

  outbound::HttpOptions options_;
  Connector connector_;
  Resolver resolver_;
  std::stop_token stop_;
};

/// The rules for URLs that a server at `server_url` chose: they may lead to loopback only from
/// loopback, and to private addresses only from a private one.
outbound::ConnectionRules foreign_rules(outbound::ConnectionRules rules,
                                        const std::string& server_url, const Resolver& resolver);

}  // namespace mcp::auth
