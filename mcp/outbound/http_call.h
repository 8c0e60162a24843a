#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <mcp/outbound/connection_rules.h>

namespace mcp::outbound {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method = "GET";
  /// Absolute `http:` or `https:` URL, already percent-encoded; a fragment is not sent.
  std::string url;
  /// `Host`, `Content-Length` and `Connection` are set by the call.
  Headers headers;
  std::string body;
};

/// The rules' `max_redirects` does not count here: nothing is followed.
struct HttpOptions : ConnectionRules {
  /// For the TCP connection, and again for the TLS handshake.
  std::chrono::milliseconds connect_timeout{10'000};
  /// From the start of the call to the end of the response's headers.
  std::chrono::milliseconds headers_timeout{60'000};
  /// The longest silence between two pieces of the body.
  std::chrono::milliseconds idle_timeout{60'000};
  /// For the whole call; zero means no limit besides the others.
  std::chrono::milliseconds total_timeout{300'000};
  /// Gives the IP addresses of a host name when the rules restrict addresses; empty: the system's
  /// resolver. Throws std::runtime_error for a name that does not exist.
  std::function<std::vector<std::string>(const std::string& host)> resolve;
  /// Connect to this IP address although the URL names a host (TLS still checks the name): for
  /// callers that have checked the address and must not have it resolved a second time.
  std::string pinned_address;
};

struct HttpResponse {
  int status = 0;
  Headers headers;   ///< names in lower case
  std::string body;  ///< empty when a BodyHandler took the pieces

  /// The first header of that (lower case) name.
  std::optional<std::string> header(std::string_view name) const {
    for (const auto& [key, value] : headers)
      if (key == name) return value;
    return std::nullopt;
  }
};

/// Why a call gave no complete response.
class HttpError : public std::runtime_error {
 public:
  enum class Kind {
    bad_request,  ///< the URL or a header can't be sent, or the rules forbid it; nothing was sent
    connect,      ///< name not resolved, refused, unreachable
    tls,          ///< handshake or certificate
    timeout,
    cancelled,  ///< by the stop token, or by the BodyHandler returning false
    too_large,
    broken,  ///< the connection ended, or the response was not HTTP
  };

  HttpError(Kind kind, const std::string& message, bool response_begun = false)
      : std::runtime_error(message), kind_(kind), response_begun_(response_begun) {}

  Kind kind() const noexcept { return kind_; }
  /// True when the response's headers had been read before it failed.
  bool response_begun() const noexcept { return response_begun_; }

 private:
  Kind kind_;
  bool response_begun_;
};

/// Receives the body piece by piece, on the calling thread. `head` has status and headers. Return
/// false to end the call (HttpError `cancelled`).
using BodyHandler = std::function<bool(const HttpResponse& head, std::string_view piece)>;

/// Makes one HTTP call and blocks until it is over; any thread but the loop's. Redirects are not
/// followed: the caller sees status and `location`. With `on_body` the body is streamed, else it is
/// collected. Any status is a response, only a call without complete response throws HttpError.
/// `stop` ends the call at once, except while a host name is being resolved.
HttpResponse http_call(const HttpRequest& request, const HttpOptions& options = {},
                       std::stop_token stop = {}, const BodyHandler& on_body = {});

/// False when this build has no OpenSSL: https URLs are refused then.
bool https_supported() noexcept;

}  // namespace mcp::outbound
