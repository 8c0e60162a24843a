#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <mcp/base/runtime.h>
#include <mcp/transport/http_request_reader.h>
#include <mcp/transport/http_server.h>
#include <mcp/transport/http_socket.h>

namespace mcp {

class HttpConnection;

/// What the connections of a server share. Loop only.
struct HttpServerState {
  HttpServerState(Loop& of_loop, HttpHandler& of_handler, HttpServerLimits of_limits)
      : loop(of_loop), handler(of_handler), limits(of_limits) {}

  Loop& loop;
  HttpHandler& handler;
  const HttpServerLimits limits;
  std::size_t receiving_bytes = 0;
  bool draining = false;
  std::string date = {};  ///< the `Date` header's value
  std::function<void(HttpConnection&)> closed = {};
};

/// One connection: reads requests one after the other, gives each to the handler and writes its
/// answer. Requests that come early wait, in order, in a bounded buffer. Loop only.
class HttpConnection final : public HttpSocket::Owner,
                             public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(std::shared_ptr<HttpServerState> server, std::unique_ptr<HttpSocket> socket,
                 std::string peer);
  ~HttpConnection() override;

  void start();
  /// Ends what takes too long; called now and then.
  void check_time();
  /// Ends when no request is being answered.
  void drain();
  /// Refuses to serve: writes `response` and ends.
  void refuse(const HttpResponse& response);
  void close();

  void received(std::string_view bytes) override;
  void gone() override;

 private:
  class Exchange;
  enum class Phase {
    reading,    ///< waits for a request, or for the rest of one
    deciding,   ///< the handler looks at the headers
    answering,  ///< the handler has the request
    streaming,  ///< the answer is a stream
    lingering   ///< everything was said; what still comes is thrown away
  };

  void consume(std::string_view bytes);
  bool advance(std::string_view& bytes);
  void decide();
  void hand_over();
  void accept();
  void respond(HttpResponse response);
  void begin_stream(const HttpHeaders& headers, std::string_view first);
  bool write(std::string_view bytes);
  void end(std::string_view last);
  bool takes(std::size_t bytes);
  void add_chunk(std::string& out, std::string_view bytes) const;
  void answered();
  void linger();
  void charge(std::size_t body_bytes);
  void release(bool tell);
  bool has_room() const { return socket_->queued() <= server_->limits.queued_bytes; }
  std::string head_of(int status, const HttpHeaders& headers) const;

  const std::shared_ptr<HttpServerState> server_;
  const std::unique_ptr<HttpSocket> socket_;
  const std::string peer_;
  std::unique_ptr<HttpRequestReader> reader_;  ///< while a request is being read
  std::shared_ptr<Exchange> exchange_;
  std::string early_;  ///< what came before its turn
  std::size_t charged_ = 0;
  std::size_t sent_before_ = 0;
  TimePoint since_;       ///< of the phase, and of the first byte of a request
  TimePoint sent_since_;  ///< when bytes left last
  Phase phase_ = Phase::reading;
  bool first_ = true;      ///< no request has come yet
  bool begun_ = false;     ///< a part of the next request has come
  bool accepted_ = false;  ///< the handler wants the body
  bool consuming_ = false;
  bool keep_alive_ = true;
  bool chunked_ = true;
  bool without_body_ = false;  ///< a HEAD request
  bool little_ = false;        ///< the buffer was given back
  bool paused_ = false;
  bool closed_ = false;
};

}  // namespace mcp
