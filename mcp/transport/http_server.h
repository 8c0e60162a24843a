#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <mcp/base/runtime.h>
#include <mcp/transport/http_headers.h>

// HTTP/1.1 on the wire: requests in, responses and streams out. What they mean is not known here.

namespace mcp {

struct HttpRequest {
  std::string method;
  std::string path;     ///< the target without its query, as it came
  std::string query;    ///< without the question mark
  HttpHeaders headers;  ///< names in lower case
  std::string body;
  std::string peer;  ///< the other side's address without port; "unix" for a Unix socket

  const std::string* header(std::string_view lower_case_name) const {
    return find_header(headers, lower_case_name);
  }
};

struct HttpResponse {
  int status = 200;
  HttpHeaders headers = {};
  std::string body = {};
};

/// One request and what is answered to it: a response, or a stream of bytes. Loop only. It may be
/// kept for longer than the connection lives: everything does nothing then.
class HttpExchange {
 public:
  virtual ~HttpExchange() = default;
  /// The request's headers are in order: read its body.
  virtual void accept() = 0;
  /// Once, instead of a stream; before `accept` the body is not read any more.
  virtual void respond(HttpResponse response) = 0;
  /// Begins a response (200) without end. Its `first` bytes, if any, leave with its headers.
  virtual void begin_stream(const HttpHeaders& headers, std::string_view first) = 0;
  /// Adds to the stream. False: the other side is gone, or reads so slowly that it was dropped.
  virtual bool write(std::string_view bytes) = 0;
  /// Ends the stream with its `last` bytes, if any.
  virtual void end(std::string_view last) = 0;
  /// Called when the other side leaves before the answer has ended (at once, when it has left);
  /// not after `respond` or `end`.
  virtual void on_gone(std::function<void()> gone) = 0;

  std::shared_ptr<void> kept;  ///< the handler's, from `head` to `request`
};

/// Who answers. Called on the loop.
class HttpHandler {
 public:
  virtual ~HttpHandler() = default;
  /// A request without its body: `exchange.accept()` lets it in, now or later; `respond` refuses.
  virtual void head(const HttpRequest& head, const std::shared_ptr<HttpExchange>& exchange) = 0;
  /// An accepted request with its body.
  virtual void request(HttpRequest request, std::shared_ptr<HttpExchange> exchange) = 0;
};

struct HttpServerLimits {
  std::size_t header_bytes = std::size_t{32} << 10U;
  std::size_t header_fields = 128;
  std::size_t body_bytes = std::size_t{16} << 20U;
  /// Bodies that are being received, together; past it requests are answered 503.
  std::size_t receiving_bytes = std::size_t{256} << 20U;
  /// Past it a new connection is answered 503. Lowered to what the descriptor limit allows.
  std::size_t connections = 32768;
  /// Bytes of a stream that may wait for a slow reader; past it the reader is dropped.
  std::size_t queued_bytes = std::size_t{1} << 20U;
  Duration header_timeout = std::chrono::seconds(15);  ///< for all headers of a request
  Duration body_timeout = std::chrono::seconds(60);    ///< for the whole body
  Duration idle_timeout = std::chrono::seconds(120);   ///< between two requests
  /// How long a reader may take nothing of what waits for it.
  Duration write_timeout = std::chrono::seconds(30);
};

struct HttpServerOptions {
  /// An IP address, or `localhost` for its IPv4 loopback.
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any that is free
  /// Path of a Unix socket, instead of host and port. A socket that nobody listens on is replaced.
  std::string unix_path = {};
  std::string tls_certificate = {};  ///< PEM file with the chain; empty: no TLS
  std::string tls_key = {};          ///< PEM file; empty: the certificate's holds the key too
  HttpServerLimits limits = {};
};

/// A listening socket and its connections, on the runtime's loop.
class HttpServer {
 public:
  /// Closes every connection at once. On the loop, or when the loop has ended.
  virtual ~HttpServer() = default;
  /// Where it listens; any thread.
  virtual std::uint16_t port() const = 0;
  /// `http://127.0.0.1:8080`, `https://…` or `unix:PATH`; any thread.
  virtual std::string url() const = 0;
  /// Listens no more; connections end with the answer that they are giving. `done` is called when
  /// none is left. Loop only.
  virtual void drain(std::function<void()> done) = 0;
  /// Loop only.
  virtual std::size_t connections() const = 0;
};

/// Listens; connections are taken as soon as the loop runs. `runtime` (of make_runtime) and
/// `handler` must outlive the server. Throws std::system_error when it can't listen,
/// std::invalid_argument for wrong options and std::runtime_error for unusable TLS files.
std::unique_ptr<HttpServer> listen_http(Runtime& runtime, const HttpServerOptions& options,
                                        HttpHandler& handler);

}  // namespace mcp
