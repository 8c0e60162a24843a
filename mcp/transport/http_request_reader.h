#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <mcp/transport/http_server.h>

namespace mcp {

/// Bytes to one request at a time.
class HttpRequestReader {
 public:
  enum class State {
    head,      ///< headers are awaited
    accepted,  ///< headers are there, the body is awaited
    complete,  ///< take the request, then the next one may come
    failed     ///< nothing that follows can be read: see `refusal`
  };

  explicit HttpRequestReader(const HttpServerLimits& limits);
  ~HttpRequestReader();

  /// Reads from the front of `bytes` and returns how many were used; it stops after the headers and
  /// at the end of the request. Bytes that were not used must come again, with more behind them.
  std::size_t read(std::string_view bytes);
  State state() const { return state_; }
  /// Whether any part of a request has come.
  bool begun() const;
  HttpRequest& request() { return request_; }
  /// The request waits for leave to send its body.
  bool expects_continue() const;
  bool keep_alive() const;
  /// HTTP/1.0 knows no chunks.
  bool knows_chunks() const;
  std::size_t body_bytes() const { return request_.body.size(); }
  const HttpResponse& refusal() const { return refusal_; }

  /// Makes ready for the next request.
  HttpRequest take();

 private:
  class Parser;

  void fail(int status, std::string why);

  const HttpServerLimits& limits_;
  std::unique_ptr<Parser> parser_;
  HttpRequest request_;
  HttpResponse refusal_;
  State state_ = State::head;
};

}  // namespace mcp
