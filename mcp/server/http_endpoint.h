#pragma once

#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include <mcp/server/http_access.h>
#include <mcp/server/http_answer.h>
#include <mcp/server/http_legacy.h>
#include <mcp/server/http_session.h>

namespace mcp::server {

/// MCP over HTTP: both eras on one path, health and metrics beside it.
///
///     head:    Host, Origin ─► path ─► method ─► Content-Type, Accept ─► verifier
///     request: decode ─┬ stateless: headers against body ─► scopes ─► a connection for this call
///                      └ session: `initialize`, or the session's connection
///
/// Loop only, except construction.
class HttpEndpoint final : public HttpHandler {
 public:
  HttpEndpoint(std::shared_ptr<Engine> engine, HttpOptions options);
  ~HttpEndpoint() override;
  HttpEndpoint(const HttpEndpoint&) = delete;
  HttpEndpoint& operator=(const HttpEndpoint&) = delete;

  void head(const HttpRequest& head, const std::shared_ptr<HttpExchange>& exchange) override;
  void request(HttpRequest request, std::shared_ptr<HttpExchange> exchange) override;

  /// Begins to look after time-outs.
  void start();
  /// Not ready any more; open streams end as their era wants it, calls go on.
  void drain();
  /// Cancels the calls of sessions and forgets them.
  void close();

 private:
  struct Post;
  using SessionList = std::list<std::shared_ptr<HttpSession>>;

  std::string head_problem(const HttpRequest& head, int& status) const;
  bool serves(const std::string& path) const;
  void document(const HttpRequest& request, HttpExchange& exchange);
  std::string metrics() const;

  void received(const std::shared_ptr<Post>& post);
  void decoded(const std::shared_ptr<Post>& post, Taken taken);
  void message(const std::shared_ptr<Post>& post, jsonrpc::Message message);
  void stateless(const std::shared_ptr<Post>& post, jsonrpc::Request request);
  void initialize(const std::shared_ptr<Post>& post, jsonrpc::Message message);
  void in_session(const std::shared_ptr<Post>& post, jsonrpc::Incoming incoming);
  bool permitted(const std::shared_ptr<Post>& post, const jsonrpc::Incoming& incoming);
  /// Answers for a caller that has too much open; false then.
  bool has_room(const HttpReplyTo& to, const std::optional<jsonrpc::Id>& id);
  void refuse(const HttpReplyTo& to, int status, const std::optional<jsonrpc::Id>& id,
              const Error& error);

  void get(const HttpRequest& request, const HttpReplyTo& to, const std::string& principal);
  void remove(const HttpRequest& request, const HttpReplyTo& to, const std::string& principal);
  std::shared_ptr<HttpSession> find_session(const std::string& id, const std::string& principal);
  /// Answers for a request without its session; null then.
  std::shared_ptr<HttpSession> session_of(const HttpRequest& request, const HttpReplyTo& to,
                                          const std::string& principal,
                                          const std::optional<jsonrpc::Id>& id);
  bool make_room();
  void end_session(const std::shared_ptr<HttpSession>& session);
  void tick();

  const std::shared_ptr<HttpShared> shared_;
  const HttpOptions& options_;
  Core& core_;
  HttpAccess access_;
  LegacySessions legacy_;
  std::unordered_map<std::string, std::string> documents_;
  std::unordered_map<std::string, SessionList::iterator> sessions_;
  SessionList by_age_;  ///< the one that was used longest ago first
  Loop::TimerId timer_ = Loop::TimerId::none;
  std::shared_ptr<HttpEndpoint*> self_;  ///< for what comes back later: emptied by the destructor
};

}  // namespace mcp::server
