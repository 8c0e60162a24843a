#include <mcp/server/http_answer.h>

#include <utility>

#include <mcp/jsonrpc/codec.h>
#include <mcp/protocol/method.h>

namespace mcp::server {

HttpHeaders event_stream_headers(const HttpHeaders& more) {
  HttpHeaders headers = {{"Content-Type", "text/event-stream"},
                         {"Cache-Control", "no-cache, no-transform"},
                         {"X-Accel-Buffering", "no"}};
  headers.insert(headers.end(), more.begin(), more.end());
  return headers;
}

std::string event_of(std::string_view id, std::string_view message) {
  std::string event;
  event.reserve(id.size() + message.size() + 16);
  if (!id.empty()) {
    event += "id: ";
    event += id;
    event += '\n';
  }
  event += "data: ";  // our encoder writes messages on one line
  event += message;
  event += "\n\n";
  return event;
}

int status_of(const Outbound& response, Era era) {
  if (response.too_many_calls) return 429;
  if (response.retry_after_ms > 0) return 503;
  switch (response.error_code) {
    case error_code::parse_error:
    case error_code::invalid_request:
    case error_code::header_mismatch:
    case error_code::missing_client_capability:
    case error_code::unsupported_protocol_version:
      return 400;
    case error_code::invalid_params:
      return era == Era::stateless ? 400 : 200;
    case error_code::method_not_found:
      return era == Era::stateless ? 404 : 200;
    default:
      return 200;
  }
}

HttpResponse json_response(int status, std::string body, int retry_after_ms) {
  HttpResponse response{status, {{"Content-Type", "application/json"}}, std::move(body)};
  if (retry_after_ms > 0)
    response.headers.emplace_back("Retry-After", std::to_string((retry_after_ms + 999) / 1000));
  return response;
}

HttpResponse error_response(int status, const std::optional<jsonrpc::Id>& id, const Error& error) {
  return json_response(status,
                       jsonrpc::encode(jsonrpc::Response{
                           id, jsonrpc::ErrorObject{error.code(), error.what(), error.data()}}),
                       error.data().is_object() ? error.data().value("retryAfterMs", 0) : 0);
}

// --- HttpAnswer ---

HttpAnswer::HttpAnswer(std::shared_ptr<HttpShared> shared, HttpReplyTo to)
    : shared_(std::move(shared)),
      to_(std::move(to)),
      since_(shared_->loop.now()),
      call_use_(shared_, to_.caller, &CallerUse::calls),
      place_(shared_->answers.insert(shared_->answers.end(), this)) {}

HttpAnswer::~HttpAnswer() {
  shared_->answers.erase(place_);
}

void HttpAnswer::respond(int status, std::string body, int retry_after_ms,
                         const HttpHeaders& more) {
  const auto exchange = std::exchange(to_.exchange, nullptr);
  if (!exchange) return;
  if (status >= 400) ++shared_->refused;
  HttpResponse response;
  if (body.empty()) {
    response.status = status;
  } else {
    response = json_response(status, std::move(body), retry_after_ms);
  }
  response.headers.insert(response.headers.end(), more.begin(), more.end());
  response.headers.insert(response.headers.end(), to_.headers.begin(), to_.headers.end());
  exchange->respond(std::move(response));
}

// --- StatelessAnswer ---

void StatelessAnswer::serve(jsonrpc::Request request, std::string principal, const Charge& charge) {
  const auto self = shared_from_this();
  listens_ = request.method == method::subscriptions_listen;
  connection_ = shared_->engine->connect(self);
  to_.exchange->on_gone([weak = weak_from_this()] {
    if (const auto answer = weak.lock()) answer->over();
  });
  const auto connection = connection_;  // answered at once, this one lets go of it
  if (connection)
    connection->take({jsonrpc::Message(std::move(request)), charge},
                     {self, std::move(principal), to_.caller, shared_->rate});
}

bool StatelessAnswer::send(Outbound message) {
  if (!to_.exchange) return false;
  if (message.kind != Outbound::Kind::response) return stream(event_of({}, message.bytes));
  if (streaming_) {
    to_.exchange->end(event_of({}, message.bytes));
  } else if (!to_.takes_json) {
    stream(event_of({}, message.bytes));
    to_.exchange->end({});
  } else {
    respond(status_of(message, Era::stateless), std::move(message.bytes), message.retry_after_ms);
  }
  // The caller holds the connection: letting go of it here does not destroy it under its feet.
  to_.exchange.reset();
  connection_.reset();
  stream_use_ = {};
  return true;
}

bool StatelessAnswer::stream(std::string_view bytes) {
  if (!to_.takes_events) return true;  // the client wants the response alone
  written_ = shared_->loop.now();
  if (std::exchange(streaming_, true)) return to_.exchange->write(bytes);
  stream_use_ = UseCount(shared_, to_.caller, &CallerUse::streams);
  if (listens_) call_use_ = {};
  to_.exchange->begin_stream(event_stream_headers(to_.headers), bytes);
  return true;
}

void StatelessAnswer::tick(TimePoint now) {
  if (!to_.exchange) return;
  if (now - (streaming_ ? written_ : since_) >= shared_->options.keep_alive) stream(":\n\n");
}

void StatelessAnswer::finish() {
  const auto self = shared_from_this();
  if (const auto connection = connection_) connection->finish([] {});
}

void StatelessAnswer::over() {
  to_.exchange.reset();
  stream_use_ = {};
  if (const auto connection = std::exchange(connection_, nullptr)) connection->close();
}

}  // namespace mcp::server
