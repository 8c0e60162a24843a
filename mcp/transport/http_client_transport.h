#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <mcp/base/event_stream.h>
#include <mcp/jsonrpc/codec.h>
#include <mcp/transport/http_client.h>
#include <mcp/transport/http_client_engine.h>
#include <mcp/transport/request_transport.h>

namespace mcp {

/// The state of one HTTP client transport, apart from it so that callbacks may outlive it.
///
/// An exchange is one HTTP request and its response. It carries a request of ours (`id`), a
/// notification or response of ours, the server's own stream (GET), a resumed stream (GET), or the
/// end of the session (DELETE).
///
///     session era:  initialize ─> initialized ─> GET (the gate opens) ─> requests …  ─> DELETE
///     stateless:    requests …
///     2024-11-05:   GET (its first event names the endpoint) ─> everything by POST, answers by GET
class HttpClientState : public std::enable_shared_from_this<HttpClientState> {
 public:
  HttpClientState(Runtime& runtime, std::string url, const HttpClientOptions& options);

  void start(RequestTransport::Handler& handler) { handler_ = &handler; }
  bool send(const jsonrpc::Request& request, HttpHeaders parameters);
  bool send(const jsonrpc::Notification& notification);
  bool send(std::string bytes);
  void abandon(const jsonrpc::Id& id);
  void set_revision(Revision revision) { revision_ = revision; }
  void close();
  /// Nothing is called any more.
  void drop();

  Loop& loop() { return loop_; }

 private:
  using Key = std::uint64_t;
  enum class Purpose { request, message, initialized, stream, old_stream, resume, end_session };

  struct Exchange {
    Purpose purpose = Purpose::message;
    std::optional<jsonrpc::Id> id = {};  ///< of the request whose answer comes here
    std::string method = "POST";
    std::string url = {};
    std::string body = {};
    HttpHeaders own_headers = {};  ///< what this message needs besides
    bool initializes = false;
    bool stateless = false;
    bool with_session = false;       ///< it carried a session id
    HttpHeaders authorization = {};  ///< what the authorizer gave for the last attempt
    int refusals = 0;
    std::size_t redirects = 0;

    HttpEngine::Id wire = 0;  ///< 0: not on its way
    int status = 0;
    HttpHeaders head = {};
    bool repeating = false;  ///< the response is only read to its end
    std::string collected = {};
    std::shared_ptr<EventStreamParser> events = {};
    std::string last_event_id = {};
    std::optional<std::uint64_t> retry_ms = {};
    std::size_t failed_resumes = 0;
    Loop::TimerId timer = Loop::TimerId::none;
  };

  // http_client_transport.cpp: exchanges
  Key add(Exchange exchange);
  void post(Key key);
  void open(Key key);
  HttpHeaders headers_for(Exchange& exchange) const;
  void on_head(Key key, const HttpEngine::Head& head);
  void on_body(Key key, std::string_view bytes);
  void on_end(Key key, const std::optional<HttpEngine::Failure>& failure);
  void authorize(Key key);
  bool redirect(Key key);
  void answered(Key key);
  void refused(Key key);
  void fail(Key key, RequestFailure::Kind kind, const std::string& what,
            std::optional<jsonrpc::ErrorObject> error = {});
  void remove(Key key);
  std::string about(const Exchange& exchange) const;
  std::string excerpt(const Exchange& exchange) const;
  void finish();

  // http_client_streams.cpp: event streams, sessions, the transport of 2024-11-05
  void on_event(Key key, const StreamEvent& event);
  void stream_ended(Key key, const std::string& why);
  void resume(Key key, const std::string& why);
  void open_stream();
  void open_gate();
  void session_lost(Key key);
  void end_if_quiet();
  void try_old_transport(Key initialize);
  void old_endpoint(Key stream, const std::string& reference);
  void old_transport_failed(const std::string& why);

  Loop& loop_;
  const std::string url_;
  const HttpClientOptions options_;
  HttpEngine engine_;
  RequestTransport::Handler* handler_ = nullptr;
  jsonrpc::Decoder decoder_;
  std::optional<Revision> revision_;
  std::string session_id_;

  Key last_key_ = 0;
  std::map<Key, Exchange> exchanges_;
  std::map<jsonrpc::Id, Key> by_request_;
  bool gate_open_ = true;
  std::vector<Key> held_;  ///< requests that wait for the gate
  Loop::TimerId gate_timer_ = Loop::TimerId::none;
  bool stream_offered_ = false;  ///< the server has opened a stream of its own before

  std::string endpoint_;                   ///< of the transport of 2024-11-05, once it is known
  std::optional<Key> waiting_initialize_;  ///< while that transport is tried
  std::string initialize_problem_;

  std::string lost_;  ///< why the transport ends as soon as no request is on its way
  bool closing_ = false;
  bool finished_ = false;
};

}  // namespace mcp
