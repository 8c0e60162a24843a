#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <mcp/transport/http_headers.h>

namespace mcp {

/// Who sent a request, as its token says.
struct Principal {
  /// Issuer and subject in one text: what sessions, tasks and request states are bound to.
  std::string id;
  std::string subject;    ///< `sub`; the client's id when the token names no subject
  std::string client_id;  ///< empty when the token does not say
  std::vector<std::string> scopes;
};

/// What to answer instead of serving a request (2026-07-28, basic/authorization, "Error Handling").
struct Challenge {
  int status = 401;     ///< 400, 401, 403, or 503 when the authorization server can't be asked
  HttpHeaders headers;  ///< `WWW-Authenticate` with scope and resource_metadata, `Retry-After`
  std::string message;  ///< for the body, without secrets
};

/// Who lets requests in at an HTTP server. <mcp/auth/bearer_verifier.h> implements it.
///
/// Threads: `verify` may be called on the loop and never blocks; `done` is called on any thread,
/// perhaps before `verify` returns, and exactly once unless the verifier is destroyed. The others
/// may be called on any thread.
class RequestVerifier {
 public:
  struct Request {
    std::string method;
    std::string path;     ///< the request target without its query
    HttpHeaders headers;  ///< names in lower case
  };
  using Verdict = std::variant<Principal, Challenge>;
  using Done = std::function<void(Verdict verdict)>;

  virtual ~RequestVerifier() = default;
  /// Decides on a request's headers, before its body is read.
  virtual void verify(Request request, Done done) = 0;
  /// Decides on one message of a verified request, by its method and the tool's or prompt's name or
  /// resource's URI: a challenge (403) when the token's scopes do not suffice.
  virtual std::optional<Challenge> authorize(const Principal& principal, std::string_view method,
                                             std::string_view name) const = 0;
  /// Documents that anybody may GET, as path and JSON text: the protected resource metadata
  /// (RFC 9728) at its well-known paths. They never change.
  virtual std::vector<std::pair<std::string, std::string>> documents() const = 0;
};

}  // namespace mcp
