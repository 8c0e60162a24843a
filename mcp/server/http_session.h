#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <mcp/server/http_answer.h>

namespace mcp::server {

class HttpSession;

/// One event stream of a session. It lives on while its connection is cut: what is sent then waits
/// in the event store until the client comes back with `Last-Event-ID`. Loop only.
class SessionStream : public std::enable_shared_from_this<SessionStream> {
 public:
  SessionStream(std::shared_ptr<HttpShared> shared, std::weak_ptr<HttpSession> session,
                std::string session_id, std::uint64_t number);

  /// Writes to `to` from now on. `prime` sends an id before there is anything to say.
  void open(const HttpReplyTo& to, bool prime);
  /// Writes what followed the event `after`, then goes on with `to`.
  void resume(const HttpReplyTo& to, std::uint64_t after);
  void send(const std::string& message);
  void send_last(const std::string& message);
  /// Cuts the connection; the client comes back after `retry`.
  void pause(Duration retry);
  /// Nothing more will be sent.
  void end();
  bool is_open() const { return exchange_ != nullptr; }
  bool has_sent(std::uint64_t event) const { return event <= last_; }
  bool ended() const { return ended_; }
  void tick(TimePoint now);

 private:
  std::string id_of(std::uint64_t event) const;
  void attach(const HttpReplyTo& to, std::string_view first);
  std::string kept_event(const std::string& message);
  void close_connection(std::string_view last = {});
  void replay(std::uint64_t after);
  void write(std::string_view bytes);

  const std::shared_ptr<HttpShared> shared_;
  const std::weak_ptr<HttpSession> session_;
  const std::string session_id_;
  const std::uint64_t number_;
  std::uint64_t last_ = 0;  ///< the last event's number
  std::shared_ptr<HttpExchange> exchange_;
  UseCount use_;
  TimePoint written_;
  bool replaying_ = false;
  bool ended_ = false;
};

/// A session (up to 2025-11-25) and its streams. Loop only.
class HttpSession : public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(std::shared_ptr<HttpShared> shared, std::string id, std::string principal);
  ~HttpSession();

  const std::string& id() const { return id_; }
  const std::string& principal() const { return principal_; }
  /// Made by the first use.
  const std::shared_ptr<Connection>& connection();
  bool primes_streams() const;

  std::shared_ptr<SessionStream> new_stream();
  /// A GET: the stream for what belongs to no request.
  void listen(const HttpReplyTo& to);
  /// A GET that continues a stream; false when there is no such event.
  bool resume(std::string_view last_event_id, const HttpReplyTo& to);
  /// What belongs to no request, on the stream of the last GET.
  void send_unasked(const std::string& message);

  /// Ends the streams that belong to no call: the server stops.
  void end_streams();
  /// Ends it: calls are cancelled, streams closed, events forgotten.
  void close();
  /// Calls that are still answered keep it from growing old.
  void begin_use() { ++uses_; }
  void end_use() {
    --uses_;
    touch();
  }
  void touch() { last_used_ = shared_->loop.now(); }
  bool expired(TimePoint now) const;
  bool in_use() const { return uses_ != 0; }
  bool has_ended() const { return closed_; }
  void tick(TimePoint now);

  std::list<std::shared_ptr<HttpSession>>::iterator place = {};  ///< the table's

 private:
  class Unasked;

  void forget_old_streams();

  const std::shared_ptr<HttpShared> shared_;
  const std::string id_;
  const std::string principal_;
  std::shared_ptr<Connection> connection_;
  std::map<std::uint64_t, std::shared_ptr<SessionStream>> streams_;
  std::shared_ptr<SessionStream> unasked_;  ///< of the last GET
  std::uint64_t last_stream_ = 0;
  std::size_t uses_ = 0;
  TimePoint last_used_;
  bool closed_ = false;
};

/// The answer to a POST of a session. When the client leaves, the call goes on.
class SessionAnswer final : public HttpAnswer, public std::enable_shared_from_this<SessionAnswer> {
 public:
  /// `names_session`: the response to `initialize` tells the session's id.
  SessionAnswer(std::shared_ptr<HttpShared> shared, HttpReplyTo to,
                std::shared_ptr<HttpSession> session, bool names_session);
  ~SessionAnswer() override;

  /// Watches whether the client leaves.
  void start();
  bool send(Outbound message) override;
  void release(Duration retry) override;
  void tick(TimePoint now) override;
  void finish() override {}

 private:
  bool can_stream() const { return to_.exchange && to_.takes_events && !names_session_; }
  void begin();

  const std::shared_ptr<HttpSession> session_;
  std::shared_ptr<SessionStream> stream_;
  const bool names_session_;
};

}  // namespace mcp::server
