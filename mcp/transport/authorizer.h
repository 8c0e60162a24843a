#pragma once

#include <functional>
#include <optional>
#include <string>

#include <mcp/transport/http_headers.h>

namespace mcp {

/// Who authorizes the requests of an HTTP client (2026-07-28, basic/authorization). The client asks
/// `headers` before it sends anything, and `refused` when it was answered 401 or 403; it knows
/// nothing of tokens. <mcp/auth/oauth.h> implements it.
///
/// Threads: every function may be called on the loop and never blocks; `done` is called on any
/// thread, perhaps before `refused` returns, and exactly once unless the authorizer is destroyed.
class Authorizer {
 public:
  /// The HTTP request to be authorized: a proof of possession signs both.
  struct Request {
    std::string method;
    std::string url;  ///< as it is sent, query included
  };

  /// A response 401 or 403.
  struct Refusal {
    Request request;
    HttpHeaders sent;  ///< what `headers` had given for the request
    int status = 401;
    HttpHeaders headers;  ///< of the response: `www-authenticate` (several), `dpop-nonce`
    int attempt = 1;      ///< how many times this message has been refused, this one included
  };

  /// Empty: send the message again, with what `headers` gives now. Else why it is refused for good,
  /// without secrets.
  using Done = std::function<void(std::optional<std::string> error)>;

  virtual ~Authorizer() = default;
  /// What to add to a request that is about to be sent: fresh for each one, a repeat included.
  virtual HttpHeaders headers(const Request& request) = 0;
  /// Gets another token if that can help: refreshes, or authorizes anew. Calls that are refused
  /// meanwhile share the attempt. It bounds the attempts itself, the caller needs no limit.
  virtual void refused(Refusal refusal, Done done) = 0;
  /// Tells of every other response, whose headers may carry what the next request needs
  /// (`dpop-nonce`).
  virtual void answered(const Request& request, const HttpHeaders& headers) = 0;
};

}  // namespace mcp
