#pragma once

#include <list>
#include <memory>
#include <string>

#include <mcp/server/connection.h>
#include <mcp/server/http_shared.h>
#include <mcp/server/outlet.h>
#include <mcp/transport/http_server.h>

namespace mcp::server {

/// Where an answer goes, and in which forms the client takes it.
struct HttpReplyTo {
  std::shared_ptr<HttpExchange> exchange;
  HttpHeaders headers = {};  ///< for every answer (CORS)
  bool takes_json = true;
  bool takes_events = true;
  std::string caller = {};  ///< whom to count it for
};

/// The headers of an event stream.
HttpHeaders event_stream_headers(const HttpHeaders& more);
/// One message as an event; `id` may be empty.
std::string event_of(std::string_view id, std::string_view message);
/// The HTTP status for a response.
int status_of(const Outbound& response, Era era);
/// A JSON-RPC response as an HTTP response.
HttpResponse json_response(int status, std::string body, int retry_after_ms = 0);
/// A JSON-RPC error response; `id` may be absent.
HttpResponse error_response(int status, const std::optional<jsonrpc::Id>& id, const Error& error);

/// What is answered to one POST with a request: JSON, or an event stream from the first message on
/// that is not the response. Loop only.
class HttpAnswer : public Outlet {
 public:
  HttpAnswer(std::shared_ptr<HttpShared> shared, HttpReplyTo to);
  ~HttpAnswer() override;
  HttpAnswer(const HttpAnswer&) = delete;
  HttpAnswer& operator=(const HttpAnswer&) = delete;

  bool shared() const override { return false; }
  /// Called every second.
  virtual void tick(TimePoint now) = 0;
  /// The server stops: ends what would not end by itself.
  virtual void finish() = 0;

 protected:
  void respond(int status, std::string body, int retry_after_ms = 0, const HttpHeaders& more = {});

  const std::shared_ptr<HttpShared> shared_;
  HttpReplyTo to_;  ///< its exchange is null once nothing more can be said there
  const TimePoint since_;

  UseCount call_use_;

 private:
  std::list<HttpAnswer*>::iterator place_;
};

/// The answer to a request of the stateless era, and the connection that lives for it alone: when
/// the client leaves, the call is cancelled.
class StatelessAnswer final : public HttpAnswer,
                              public std::enable_shared_from_this<StatelessAnswer> {
 public:
  using HttpAnswer::HttpAnswer;

  void serve(jsonrpc::Request request, std::string principal, const Charge& charge);
  bool send(Outbound message) override;
  void tick(TimePoint now) override;
  void finish() override;

 private:
  bool stream(std::string_view bytes);
  void over();

  std::shared_ptr<Connection> connection_;
  UseCount stream_use_;
  TimePoint written_;
  bool streaming_ = false;
  bool listens_ = false;  ///< a stream for as long as the client likes, not a call in flight
};

}  // namespace mcp::server
