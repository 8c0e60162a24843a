#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <mcp/jsonrpc/message.h>
#include <mcp/protocol/revision.h>
#include <mcp/transport/http_headers.h>
#include <mcp/transport/transport.h>

namespace mcp {

/// Why a request got no answer on its own exchange.
struct RequestFailure {
  enum class Kind {
    not_sent,    ///< no connection: nothing of it reached the server
    refused,     ///< the server turned it away with an HTTP status: it did not run
    not_run,     ///< it met a session that the server has forgotten; `closed` follows
    lost,        ///< it was sent, and no answer will come: it may or may not have run
    too_long,    ///< the answer is past the limit
    unreadable,  ///< what came is no answer
  };
  Kind kind = Kind::lost;
  std::string text;  ///< method, URL (without secrets), status, and the beginning of the body
  int status = 0;    ///< of HTTP; 0: there was none
  /// The JSON-RPC error of the response, if it had one.
  std::optional<jsonrpc::ErrorObject> error = {};
};

/// A transport on which each request has an exchange of its own (Streamable HTTP), instead of one
/// pipe for all. Its handler's additional functions are called; `send(bytes)` is for responses.
/// Unlike a pipe's, its functions are called on the loop only, and `start` comes first: it throws
/// std::logic_error for a handler that is no RequestTransport::Handler.
class RequestTransport : public Transport {
 public:
  class Handler : public Transport::Handler {
   public:
    /// A message on the exchange of request `id`, or on a stream that resumes it.
    virtual void message_for(const jsonrpc::Id& id, std::string_view bytes) = 0;
    /// Whether the request still waits for its answer.
    virtual bool waits_for(const jsonrpc::Id& id) const = 0;
    /// No answer will come.
    virtual void failed(const jsonrpc::Id& id, const RequestFailure& failure) = 0;
    /// Something went wrong that no request waits for.
    virtual void trouble(const std::string& what) = 0;
  };

  using Transport::send;
  using Transport::start;
  virtual void start(Handler& handler) = 0;
  /// `parameters` are the headers `Mcp-Param-*` of the call.
  virtual bool send(const jsonrpc::Request& request, HttpHeaders parameters) = 0;
  virtual bool send(const jsonrpc::Notification& notification) = 0;
  /// Nobody waits for the answer any more: ends its exchange. In the stateless era that is what
  /// cancels it; in the session era the caller sends `notifications/cancelled` besides.
  virtual void abandon(const jsonrpc::Id& id) = 0;
  /// What was negotiated: before `notifications/initialized` is sent, and after discovery.
  virtual void set_revision(Revision revision) = 0;
};

}  // namespace mcp
