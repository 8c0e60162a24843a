#include <algorithm>
#include <utility>

#include <mcp/base/uri.h>
#include <mcp/outbound/connection_rules.h>
#include <mcp/transport/http_client_transport.h>

// Event streams and how they are resumed, sessions and how they are lost, and the transport of
// 2024-11-05.

namespace mcp {
namespace {

using Kind = RequestFailure::Kind;

/// How long requests wait for the server to open its own stream: a server asks there, and a
/// question that comes too early would be lost. One that never opens it must not hold them up.
constexpr auto gate_limit = std::chrono::milliseconds(250);
/// After its answer a stream may end by itself, so that its connection can be used again.
constexpr auto after_answer = std::chrono::milliseconds(500);
constexpr auto old_endpoint_limit = std::chrono::seconds(10);

}  // namespace

void HttpClientState::on_event(Key key, const StreamEvent& event) {
  const auto self = shared_from_this();
  Exchange& exchange = exchanges_.at(key);
  exchange.failed_resumes = 0;
  if (exchange.purpose == Purpose::old_stream && event.type == "endpoint") {
    return old_endpoint(key, event.data);
  }
  if (event.data.empty() || (!event.type.empty() && event.type != "message")) return;
  if (!exchange.id) {
    handler_->message(event.data);
    return;
  }
  const jsonrpc::Id id = *exchange.id;
  if (!handler_->waits_for(id)) return;
  handler_->message_for(id, event.data);
  const auto still = exchanges_.find(key);
  if (finished_ || still == exchanges_.end() || handler_->waits_for(id)) return;
  by_request_.erase(id);
  still->second.timer = loop_.schedule(after_answer, [weak = weak_from_this(), key] {
    if (auto alive = weak.lock()) {
      alive->remove(key);
      alive->end_if_quiet();
    }
  });
}

/// The response of this exchange was an event stream, or should have been, and is over.
void HttpClientState::stream_ended(Key key, const std::string& why) {
  Exchange& exchange = exchanges_.at(key);
  if (exchange.wire != 0) engine_.cancel(std::exchange(exchange.wire, 0));
  exchange.events.reset();
  if (exchange.purpose == Purpose::old_stream) {
    remove(key);
    if (waiting_initialize_) return old_transport_failed(why);
    lost_ = "the event stream ended: " + why;
    close();
    return;
  }
  if (exchange.purpose == Purpose::stream) {
    open_gate();
    if (exchange.status == 404 && exchange.with_session && stream_offered_) {
      return session_lost(key);
    }
    const bool refused = exchange.status >= 400 && exchange.status < 500;
    // Not offered: there is none. Offered before: it broke, and is opened again.
    if (refused || !stream_offered_) return remove(key);
    return resume(key, why);
  }
  if (!exchange.id || !handler_->waits_for(*exchange.id)) {
    remove(key);
    return end_if_quiet();
  }
  const bool refused = exchange.status >= 400;
  if (refused && exchange.status == 404 && exchange.with_session) return session_lost(key);
  if (exchange.stateless || exchange.last_event_id.empty() || refused ||
      exchange.failed_resumes >= options_.resume_attempts) {
    return fail(key, Kind::lost, why + ", before the answer came");
  }
  exchange.purpose = Purpose::resume;
  resume(key, why);
}

void HttpClientState::resume(Key key, const std::string&) {
  Exchange& exchange = exchanges_.at(key);
  Duration wait = options_.retry;
  if (exchange.retry_ms) {
    const auto most = std::chrono::duration_cast<std::chrono::milliseconds>(options_.max_retry);
    wait = std::chrono::milliseconds(
        std::min<std::uint64_t>(*exchange.retry_ms, static_cast<std::uint64_t>(most.count())));
  }
  // Attempts that fail in a row wait longer and longer; an event begins the count anew.
  for (std::size_t i = 0; i < exchange.failed_resumes && wait < options_.max_retry; ++i) wait *= 2;
  if (exchange.failed_resumes < 16) ++exchange.failed_resumes;
  exchange.method = "GET";
  exchange.url = url_;
  exchange.redirects = 0;
  exchange.body.clear();
  exchange.timer =
      loop_.schedule(std::min(wait, options_.max_retry), [weak = weak_from_this(), key] {
        if (auto self = weak.lock()) self->open(key);
      });
}

// --- Sessions ---

/// The server knows the session now: asks for its own stream, and then lets the requests go.
void HttpClientState::open_stream() {
  if (closing_ || finished_) return;
  if (!endpoint_.empty()) return open_gate();
  post(add({.purpose = Purpose::stream, .method = "GET"}));
  gate_timer_ = loop_.schedule(gate_limit, [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->open_gate();
  });
}

void HttpClientState::open_gate() {
  if (gate_open_) return;
  gate_open_ = true;
  loop_.cancel(gate_timer_);
  for (Key key : std::exchange(held_, {})) post(key);
}

/// 404 to a request with a session id: it did not run, and the next one needs a new session.
void HttpClientState::session_lost(Key key) {
  session_id_.clear();
  lost_ = "the server no longer knows the session";
  Exchange& exchange = exchanges_.at(key);
  if (exchange.purpose == Purpose::stream) {
    remove(key);
    return end_if_quiet();
  }
  fail(key, exchange.purpose == Purpose::resume ? Kind::lost : Kind::not_run, lost_);
}

/// A transport that lost its session ends, once the requests beside it have their own outcome.
void HttpClientState::end_if_quiet() {
  if (lost_.empty() || closing_ || !by_request_.empty()) return;
  close();
}

// --- 2024-11-05 ---

/// `initialize` was refused: perhaps the server has an event stream that names an endpoint.
void HttpClientState::try_old_transport(Key initialize) {
  Exchange& exchange = exchanges_.at(initialize);
  waiting_initialize_ = initialize;
  initialize_problem_ = about(exchange);
  if (const std::string body = excerpt(exchange); !body.empty()) initialize_problem_ += ": " + body;
  Exchange stream{.purpose = Purpose::old_stream, .method = "GET"};
  const Key key = add(std::move(stream));
  exchanges_.at(key).timer = loop_.schedule(old_endpoint_limit, [weak = weak_from_this(), key] {
    auto self = weak.lock();
    if (self && self->exchanges_.contains(key)) {
      self->stream_ended(key, "its event stream names no endpoint");
    }
  });
  post(key);
}

void HttpClientState::old_endpoint(Key stream, const std::string& reference) {
  if (!waiting_initialize_) return;  // it is named once
  Exchange& exchange = exchanges_.at(stream);
  const std::string target = resolve_uri(exchange.url, reference);
  const auto from = outbound::parse_http_url(exchange.url);
  const auto to = outbound::parse_http_url(target);
  if (!to || to->secure != from->secure || to->host != from->host || to->port != from->port) {
    return stream_ended(stream, "its event stream names an endpoint of another origin");
  }
  loop_.cancel(exchange.timer);
  endpoint_ = target;
  const Key key = *std::exchange(waiting_initialize_, std::nullopt);
  const auto waiting = exchanges_.find(key);
  if (waiting == exchanges_.end()) return;
  waiting->second.url = endpoint_;
  open(key);
}

void HttpClientState::old_transport_failed(const std::string& why) {
  const Key key = *std::exchange(waiting_initialize_, std::nullopt);
  const auto found = exchanges_.find(key);
  if (found == exchanges_.end()) return;
  const jsonrpc::Id id = *found->second.id;
  const int status = found->second.status;
  remove(key);
  handler_->failed(
      id, {Kind::refused,
           initialize_problem_ + "; nor does GET open an event stream of the old transport (" +
               why + ")",
           status});
}

}  // namespace mcp
