#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <mcp/base/runtime.h>
#include <mcp/transport/http_client.h>
#include <mcp/transport/http_client_network.h>
#include <mcp/transport/http_headers.h>

namespace mcp {

/// HTTP/1.1 over a few kept connections: many exchanges at once, each with its phases timed. Knows
/// nothing of MCP. On the loop.
class HttpEngine {
 public:
  struct Request {
    std::string method;
    std::string url;
    HttpHeaders headers;  ///< `Host` and `Content-Length` are added
    std::string body;
    /// Counts against `max_connections`, and waits when there are that many.
    bool limited = true;
  };
  struct Head {
    int status = 0;
    HttpHeaders headers;  ///< names in lower case
  };
  struct Failure {
    /// Something of the request may have reached the server.
    bool sent = false;
    /// The rules forbid it, or it can't be written: another attempt fails as well.
    bool forbidden = false;
    std::string text;
  };
  /// `on_end` is the last: with a failure, or nothing after a complete response.
  struct Events {
    std::function<void(const Head&)> on_head;
    std::function<void(std::string_view)> on_body;
    std::function<void(const std::optional<Failure>&)> on_end;
  };
  using Id = std::uint64_t;

  HttpEngine(Loop& loop, std::shared_ptr<Network> network, const HttpClientOptions& options);
  ~HttpEngine();
  HttpEngine(const HttpEngine&) = delete;
  HttpEngine& operator=(const HttpEngine&) = delete;

  /// The events come later, never from inside this call.
  Id start(Request request, Events events);
  /// Ends an exchange by closing its connection; no event follows. May be called from an event.
  void cancel(Id id);

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace mcp
