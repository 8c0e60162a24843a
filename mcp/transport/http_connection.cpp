#include <mcp/transport/http_connection.h>

#include <charconv>
#include <utility>

#include <mcp/transport/http_status.h>

namespace mcp {
namespace {

/// What may wait of requests that come before their turn.
constexpr std::size_t max_early_bytes = std::size_t{64} << 10U;
constexpr Duration little_after = std::chrono::seconds(2);
/// An answer that ends the connection must not be lost to a reset: what the other side is still
/// sending is read for a while.
constexpr Duration linger_time = std::chrono::seconds(2);
/// Up to here an answer goes out as one piece.
constexpr std::size_t joined_bytes = std::size_t{64} << 10U;

}  // namespace

class HttpConnection::Exchange final : public HttpExchange {
 public:
  explicit Exchange(HttpConnection& connection) : connection_(&connection) {}

  void accept() override {
    if (connection_ != nullptr) connection_->accept();
  }
  void respond(HttpResponse response) override {
    if (connection_ != nullptr) connection_->respond(std::move(response));
  }
  void begin_stream(const HttpHeaders& headers, std::string_view first) override {
    if (connection_ != nullptr) connection_->begin_stream(headers, first);
  }
  bool write(std::string_view bytes) override {
    return connection_ != nullptr && connection_->write(bytes);
  }
  void end(std::string_view last) override {
    if (connection_ != nullptr) connection_->end(last);
  }
  void on_gone(std::function<void()> gone) override {
    if (left_) {
      gone();
    } else {
      gone_ = std::move(gone);
    }
  }

  void detach() {
    connection_ = nullptr;
    gone_ = nullptr;
  }
  void leave() {
    connection_ = nullptr;
    left_ = true;
    if (gone_) std::exchange(gone_, nullptr)();
  }

 private:
  HttpConnection* connection_;
  std::function<void()> gone_;
  bool left_ = false;
};

HttpConnection::HttpConnection(std::shared_ptr<HttpServerState> server,
                               std::unique_ptr<HttpSocket> socket, std::string peer)
    : server_(std::move(server)),
      socket_(std::move(socket)),
      peer_(std::move(peer)),
      since_(server_->loop.now()),
      sent_since_(since_) {}

HttpConnection::~HttpConnection() {
  if (exchange_) exchange_->detach();
}

void HttpConnection::start() {
  socket_->start(shared_from_this());
}

// --- Reading ---

void HttpConnection::received(std::string_view bytes) {
  little_ = false;
  if (phase_ == Phase::lingering) return;
  consume(bytes);
}

void HttpConnection::consume(std::string_view bytes) {
  const auto self = shared_from_this();
  std::string held;
  if (!early_.empty()) {
    held = std::exchange(early_, {});
    held.append(bytes);
    bytes = held;
  }
  consuming_ = true;
  while (phase_ == Phase::reading && !closed_ && has_room() && advance(bytes)) {
  }
  consuming_ = false;
  if (closed_ || phase_ == Phase::lingering) return;
  if (!bytes.empty()) early_.assign(bytes);
  if (early_.size() > max_early_bytes && phase_ != Phase::reading) {
    paused_ = true;
    socket_->pause_reading();
  } else if (paused_ && has_room()) {
    paused_ = false;
    socket_->resume_reading();
  }
}

/// One step on the way to the next request; false when nothing more can be done with these bytes.
bool HttpConnection::advance(std::string_view& bytes) {
  if (!reader_) reader_ = std::make_unique<HttpRequestReader>(server_->limits);
  if (!begun_) {
    if (bytes.empty()) return false;
    begun_ = true;
    since_ = server_->loop.now();
  }
  using State = HttpRequestReader::State;
  const State before = reader_->state();
  const std::size_t used = before == State::complete ? 0 : reader_->read(bytes);
  bytes.remove_prefix(used);
  if (reader_->state() == State::failed) {
    keep_alive_ = false;
    respond(reader_->refusal());
    return false;
  }
  charge(reader_->body_bytes());
  if (charged_ != 0 && server_->receiving_bytes > server_->limits.receiving_bytes) {
    keep_alive_ = false;
    HttpResponse busy = plain_response(503, "too many requests are being received");
    busy.headers.emplace_back("Retry-After", "1");
    respond(std::move(busy));
    return false;
  }
  if (reader_->state() == State::head) return false;
  if (!exchange_) decide();
  if (phase_ == Phase::reading && accepted_ && reader_ && reader_->state() == State::complete) {
    hand_over();
    return true;
  }
  return used != 0 || (reader_ && reader_->state() != before);
}

void HttpConnection::decide() {
  first_ = false;
  phase_ = Phase::deciding;
  HttpRequest& head = reader_->request();
  head.peer = peer_;
  keep_alive_ = reader_->keep_alive() && !server_->draining;
  chunked_ = reader_->knows_chunks();
  without_body_ = head.method == "HEAD";
  exchange_ = std::make_shared<Exchange>(*this);
  const auto exchange = exchange_;
  server_->handler.head(head, exchange);
}

void HttpConnection::accept() {
  if (phase_ != Phase::deciding) return;
  phase_ = Phase::reading;
  accepted_ = true;
  since_ = server_->loop.now();
  if (reader_->expects_continue() && reader_->state() != HttpRequestReader::State::complete)
    socket_->write("HTTP/1.1 100 Continue\r\n\r\n");
  if (!consuming_) consume({});
}

void HttpConnection::hand_over() {
  phase_ = Phase::answering;
  since_ = server_->loop.now();
  charge(0);
  const auto exchange = exchange_;
  server_->handler.request(reader_->take(), exchange);
}

void HttpConnection::charge(std::size_t body_bytes) {
  server_->receiving_bytes += body_bytes;
  server_->receiving_bytes -= charged_;
  charged_ = body_bytes;
}

// --- Answering ---

std::string HttpConnection::head_of(int status, const HttpHeaders& headers) const {
  std::string head;
  head.reserve(256);
  head += "HTTP/1.1 ";
  head += std::to_string(status);
  head += ' ';
  head += reason_phrase(status);
  head += "\r\nDate: ";
  head += server_->date;
  for (const auto& [name, value] : headers) {
    head += "\r\n";
    head += name;
    head += ": ";
    // A line break in a value would forge headers.
    for (const char c : value) head += c == '\r' || c == '\n' || c == '\0' ? ' ' : c;
  }
  if (!keep_alive_) head += "\r\nConnection: close";
  return head;
}

void HttpConnection::respond(HttpResponse response) {
  const bool refused = phase_ == Phase::reading || phase_ == Phase::deciding;
  if (closed_ || phase_ == Phase::streaming || phase_ == Phase::lingering) return;
  // What follows the headers of a refused request is its body, which nobody wants.
  if (refused && (!reader_ || reader_->state() != HttpRequestReader::State::complete))
    keep_alive_ = false;
  std::string bytes = head_of(response.status, response.headers);
  if (response.status != 204) {
    bytes += "\r\nContent-Length: ";
    bytes += std::to_string(response.body.size());
  }
  bytes += "\r\n\r\n";
  if (without_body_) response.body.clear();
  if (response.body.size() <= joined_bytes) {
    bytes += response.body;
    socket_->write(std::move(bytes));
  } else {
    socket_->write(std::move(bytes));
    socket_->write(std::move(response.body));
  }
  answered();
}

void HttpConnection::begin_stream(const HttpHeaders& headers, std::string_view first) {
  if (closed_ || phase_ != Phase::answering) return;
  phase_ = Phase::streaming;
  since_ = server_->loop.now();
  if (!chunked_) keep_alive_ = false;
  std::string bytes = head_of(200, headers);
  bytes += chunked_ ? "\r\nTransfer-Encoding: chunked\r\n\r\n" : "\r\n\r\n";
  add_chunk(bytes, first);
  socket_->write(std::move(bytes));
}

bool HttpConnection::write(std::string_view bytes) {
  if (closed_ || phase_ != Phase::streaming || !takes(bytes.size())) return false;
  std::string chunk;
  chunk.reserve(bytes.size() + 24);
  add_chunk(chunk, bytes);
  socket_->write(std::move(chunk));
  return true;
}

void HttpConnection::end(std::string_view last) {
  if (closed_ || phase_ != Phase::streaming || !takes(last.size())) return;
  std::string bytes;
  bytes.reserve(last.size() + 32);
  add_chunk(bytes, last);
  if (chunked_) bytes += "0\r\n\r\n";
  if (!bytes.empty()) socket_->write(std::move(bytes));
  answered();
}

// A single message is always taken when nothing else waits. Who reads too slowly is dropped.
bool HttpConnection::takes(std::size_t bytes) {
  if (bytes == 0 || socket_->queued() == 0 ||
      socket_->queued() + bytes <= server_->limits.queued_bytes)
    return true;
  // Not within the call of who writes: it may be walking over its streams.
  server_->loop.post([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->close();
  });
  return false;
}

void HttpConnection::add_chunk(std::string& out, std::string_view bytes) const {
  if (!chunked_) {
    out += bytes;
    return;
  }
  if (bytes.empty()) return;  // it would end the stream
  char size[16];
  const auto [size_end, error] = std::to_chars(size, size + sizeof size, bytes.size(), 16);
  out.append(size, size_end);
  out += "\r\n";
  out += bytes;
  out += "\r\n";
}

void HttpConnection::answered() {
  if (exchange_) std::exchange(exchange_, nullptr)->detach();
  charge(0);
  if (server_->draining) keep_alive_ = false;
  if (!keep_alive_) {
    linger();
    return;
  }
  phase_ = Phase::reading;
  since_ = server_->loop.now();
  begun_ = false;
  accepted_ = false;
  if (reader_ && reader_->state() == HttpRequestReader::State::complete) reader_->take();
  if (!consuming_ && (!early_.empty() || paused_)) consume({});
}

void HttpConnection::linger() {
  phase_ = Phase::lingering;
  since_ = server_->loop.now();
  reader_.reset();
  early_ = {};
  socket_->end_output();
  if (std::exchange(paused_, false)) socket_->resume_reading();
}

void HttpConnection::refuse(const HttpResponse& response) {
  keep_alive_ = false;
  respond(response);
}

// --- The end ---

void HttpConnection::check_time() {
  const TimePoint now = server_->loop.now();
  const HttpServerLimits& limits = server_->limits;
  const auto self = shared_from_this();
  if (socket_->queued() == 0 || socket_->sent() != sent_before_) {
    sent_before_ = socket_->sent();
    sent_since_ = now;
  } else if (now - sent_since_ > limits.write_timeout) {
    close();
    return;
  }
  const Duration in_phase = now - since_;
  switch (phase_) {
    case Phase::reading:
      if (begun_ && in_phase > (accepted_ ? limits.body_timeout : limits.header_timeout)) {
        refuse(plain_response(408, "the request did not come in time"));
      } else if (!begun_ && in_phase > (first_ ? limits.header_timeout : limits.idle_timeout)) {
        close();
      } else if (paused_) {
        consume({});
      }
      break;
    case Phase::lingering:
      if (in_phase > linger_time && (socket_->queued() == 0 || in_phase > limits.write_timeout))
        close();
      break;
    default:
      break;
  }
  if (!closed_ && !little_ && in_phase > little_after &&
      (phase_ == Phase::streaming || (phase_ == Phase::reading && !begun_))) {
    little_ = true;
    reader_.reset();
    early_.shrink_to_fit();
    socket_->expect_little();
  }
}

void HttpConnection::drain() {
  keep_alive_ = false;
  if (phase_ == Phase::reading && !begun_) linger();
}

void HttpConnection::gone() {
  const auto self = shared_from_this();
  close();
}

void HttpConnection::close() {
  if (std::exchange(closed_, true)) return;
  const auto self = shared_from_this();
  socket_->close();
  charge(0);
  if (exchange_) std::exchange(exchange_, nullptr)->leave();
  server_->closed(*this);
}

}  // namespace mcp
