#include <mcp/server/http_session.h>

#include <charconv>
#include <utility>

#include <mcp/protocol/http_header.h>

namespace mcp::server {
namespace {

/// A call that takes longer gets its stream, so that the client can come back for the answer.
constexpr Duration prime_after = std::chrono::seconds(1);
/// Ended streams that a client may still come back to.
constexpr std::size_t kept_streams = 64;

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string retry_field(Duration retry) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(retry).count();
  return "retry: " + std::to_string(ms < 0 ? 0 : ms) + "\n";
}

}  // namespace

// --- SessionStream ---

SessionStream::SessionStream(std::shared_ptr<HttpShared> shared, std::weak_ptr<HttpSession> session,
                             std::string session_id, std::uint64_t number)
    : shared_(std::move(shared)),
      session_(std::move(session)),
      session_id_(std::move(session_id)),
      number_(number) {}

std::string SessionStream::id_of(std::uint64_t event) const {
  return std::to_string(number_) + "-" + std::to_string(event);
}

void SessionStream::open(const HttpReplyTo& to, bool prime) {
  attach(to, prime ? "id: " + id_of(0) + "\n" + retry_field(shared_->options.retry) + "data: \n\n"
                   : std::string());
}

void SessionStream::attach(const HttpReplyTo& to, std::string_view first) {
  close_connection();  // the client is quicker than the news of its leaving
  exchange_ = to.exchange;
  use_ = UseCount(shared_, to.caller, &CallerUse::streams);
  if (const auto session = session_.lock()) session->begin_use();
  exchange_->begin_stream(event_stream_headers(to.headers), first);
  written_ = shared_->loop.now();
  exchange_->on_gone([weak = weak_from_this(), exchange = exchange_.get()] {
    const auto self = weak.lock();
    if (self && self->exchange_.get() == exchange) self->close_connection();
  });
}

void SessionStream::close_connection(std::string_view last) {
  const auto exchange = std::exchange(exchange_, nullptr);
  if (!exchange) return;
  exchange->end(last);
  use_ = {};
  if (const auto session = session_.lock()) session->end_use();
}

void SessionStream::resume(const HttpReplyTo& to, std::uint64_t after) {
  attach(to, {});
  replaying_ = true;
  replay(after);
}

void SessionStream::replay(std::uint64_t after) {
  if (after >= last_) {
    replaying_ = false;
    if (ended_) close_connection();
    return;
  }
  // More may be sent while the store reads: it is asked again until nothing is left.
  shared_->events->read(session_id_, number_, after,
                        [weak = weak_from_this(), after, to = exchange_](auto events) {
                          const auto self = weak.lock();
                          // The client may have come back on another connection, which has a replay
                          // of its own.
                          if (!self || self->exchange_ != to) return;
                          if (!events || events->empty()) {
                            // A gap: better the client sees the end than a stream that lacks
                            // something.
                            self->replaying_ = false;
                            self->close_connection();
                            return;
                          }
                          std::uint64_t reached = after;
                          for (const EventStore::Event& event : *events) {
                            reached = event.number;
                            self->write(event_of(self->id_of(event.number), event.data));
                          }
                          self->replay(reached);
                        });
}

void SessionStream::send(const std::string& message) {
  const std::string event = kept_event(message);
  if (!replaying_) write(event);
}

void SessionStream::send_last(const std::string& message) {
  const std::string event = kept_event(message);
  ended_ = true;
  if (!replaying_) close_connection(event);
}

std::string SessionStream::kept_event(const std::string& message) {
  ++last_;
  shared_->events->append(session_id_, number_, {last_, message});
  return event_of(id_of(last_), message);
}

void SessionStream::write(std::string_view bytes) {
  if (!exchange_) return;
  written_ = shared_->loop.now();
  exchange_->write(bytes);
}

void SessionStream::pause(Duration retry) {
  close_connection(retry_field(retry) + "\n");
}

void SessionStream::end() {
  if (std::exchange(ended_, true)) return;
  if (!replaying_) close_connection();
}

void SessionStream::tick(TimePoint now) {
  if (exchange_ && now - written_ >= shared_->options.keep_alive) write(":\n\n");
}

// --- HttpSession ---

/// The connection's own outlet.
class HttpSession::Unasked final : public Outlet {
 public:
  explicit Unasked(std::weak_ptr<HttpSession> session) : session_(std::move(session)) {}
  bool send(Outbound message) override {
    if (const auto session = session_.lock()) session->send_unasked(message.bytes);
    return true;
  }

 private:
  std::weak_ptr<HttpSession> session_;
};

HttpSession::HttpSession(std::shared_ptr<HttpShared> shared, std::string id, std::string principal)
    : shared_(std::move(shared)),
      id_(std::move(id)),
      principal_(std::move(principal)),
      last_used_(shared_->loop.now()) {}

HttpSession::~HttpSession() = default;

const std::shared_ptr<Connection>& HttpSession::connection() {
  if (!connection_)
    connection_ = shared_->engine->connect(std::make_shared<Unasked>(weak_from_this()));
  return connection_;
}

bool HttpSession::primes_streams() const {
  const auto revision = connection_ ? connection_->session_revision() : std::nullopt;
  return revision && mcp::primes_streams(*revision);
}

std::shared_ptr<SessionStream> HttpSession::new_stream() {
  forget_old_streams();
  const std::uint64_t number = ++last_stream_;
  auto stream = std::make_shared<SessionStream>(shared_, weak_from_this(), id_, number);
  streams_.emplace(number, stream);
  return stream;
}

void HttpSession::forget_old_streams() {
  if (streams_.size() < kept_streams) return;
  for (auto it = streams_.begin(); it != streams_.end() && streams_.size() >= kept_streams;) {
    // Nobody will ever send on one that the table alone holds: an answer is over, or a GET
    // replaced.
    const bool needed = it->second->is_open() || it->second.use_count() > 1;
    it = needed ? std::next(it) : streams_.erase(it);
  }
}

void HttpSession::listen(const HttpReplyTo& to) {
  // The stream before goes on until its client leaves, but everything new goes to this one.
  if (unasked_ && !unasked_->is_open()) unasked_->end();
  unasked_ = new_stream();
  unasked_->open(to, primes_streams());
}

bool HttpSession::resume(std::string_view last_event_id, const HttpReplyTo& to) {
  const auto dash = last_event_id.find('-');
  if (dash == std::string_view::npos) return false;
  const auto number = number_of(last_event_id.substr(0, dash));
  const auto event = number_of(last_event_id.substr(dash + 1));
  if (!number || !event) return false;
  const auto stream = streams_.find(*number);
  if (stream == streams_.end() || !stream->second->has_sent(*event)) return false;
  const auto found = stream->second;
  found->resume(to, *event);
  return true;
}

void HttpSession::send_unasked(const std::string& message) {
  if (unasked_) unasked_->send(message);
}

void HttpSession::end_streams() {
  if (unasked_) unasked_->end();
}

void HttpSession::close() {
  if (std::exchange(closed_, true)) return;
  const auto self = shared_from_this();
  if (const auto connection = std::exchange(connection_, nullptr)) connection->close();
  for (const auto& [number, stream] : std::exchange(streams_, {})) {
    stream->end();
  }
  unasked_.reset();
  shared_->events->forget(id_);
}

bool HttpSession::expired(TimePoint now) const {
  return uses_ == 0 && now - last_used_ > shared_->options.session_timeout;
}

void HttpSession::tick(TimePoint now) {
  for (const auto& [number, stream] : streams_) stream->tick(now);
}

// --- SessionAnswer ---

SessionAnswer::SessionAnswer(std::shared_ptr<HttpShared> shared, HttpReplyTo to,
                             std::shared_ptr<HttpSession> session, bool names_session)
    : HttpAnswer(std::move(shared), std::move(to)),
      session_(std::move(session)),
      names_session_(names_session) {
  session_->begin_use();
}

SessionAnswer::~SessionAnswer() {
  // Nothing was said: only notifications came, the call was cancelled, or the session has ended.
  if (to_.exchange) respond(session_->has_ended() ? 404 : 202, {});
  if (stream_) stream_->end();
  session_->end_use();
}

void SessionAnswer::start() {
  to_.exchange->on_gone([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->to_.exchange.reset();
  });
}

void SessionAnswer::begin() {
  stream_ = session_->new_stream();
  HttpReplyTo to = to_;
  to_.exchange.reset();
  stream_->open(to, session_->primes_streams());
}

bool SessionAnswer::send(Outbound message) {
  if (message.kind != Outbound::Kind::response) {
    if (!stream_ && can_stream()) begin();
    if (stream_) {
      stream_->send(message.bytes);
    } else if (message.kind == Outbound::Kind::request) {
      session_->send_unasked(message.bytes);
    }
    return true;
  }
  if (!stream_ && can_stream() && !to_.takes_json) begin();
  if (stream_) {
    stream_->send_last(message.bytes);
    return true;
  }
  HttpHeaders more;
  if (names_session_ && message.error_code == 0)
    more.emplace_back(http_header::session_id, session_->id());
  respond(status_of(message, Era::session), std::move(message.bytes), message.retry_after_ms, more);
  return true;
}

void SessionAnswer::release(Duration retry) {
  if (!session_->primes_streams()) return;
  if (!stream_ && can_stream()) begin();
  if (stream_) stream_->pause(retry);
}

void SessionAnswer::tick(TimePoint now) {
  if (!stream_ && can_stream() && now - since_ >= prime_after && session_->primes_streams())
    begin();
}

}  // namespace mcp::server
