#include <mcp/transport/http_client_transport.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <mcp/base/ascii.h>
#include <mcp/base/utf8.h>
#include <mcp/protocol/header.h>
#include <mcp/protocol/http_header.h>
#include <mcp/protocol/meta.h>
#include <mcp/protocol/method.h>

namespace mcp {
namespace {

using Kind = RequestFailure::Kind;

constexpr std::size_t error_body_bytes = 64 * 1024;
constexpr std::size_t excerpt_bytes = 200;
/// What is kept of a long response for the excerpt: longer, since secrets are left out of it.
constexpr std::size_t kept_bytes = 16 * 1024;
constexpr std::size_t shortest_secret = 6;
constexpr std::size_t session_id_bytes = 4096;

/// `application/json` of `Application/JSON; charset=utf-8`.
std::string media_type(const HttpHeaders& headers) {
  const std::string* value = find_header(headers, "content-type");
  if (value == nullptr) return {};
  std::string type = ascii_lower(std::string_view(*value).substr(0, value->find(';')));
  while (!type.empty() && type.back() == ' ') type.pop_back();
  return type;
}

std::string text_member(const Json& object, const char* name) {
  if (!object.is_object()) return {};
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool is_visible(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

/// The text with "…" for each value of the headers, and for what follows the scheme in one.
std::string without_values(std::string text, const HttpHeaders& headers) {
  for (const auto& [name, value] : headers) {
    const std::size_t blank = value.find(' ');
    const std::string secret = blank == std::string::npos ? value : value.substr(blank + 1);
    if (secret.size() < shortest_secret) continue;
    for (std::size_t at = 0; (at = text.find(secret, at)) != std::string::npos;) {
      text.replace(at, secret.size(), "…");
    }
  }
  return text;
}

HttpClientOptions with_network(HttpClientOptions options, Loop& loop) {
  if (!options.network) options.network = make_system_network(loop, options.rules);
  return options;
}

}  // namespace

HttpClientState::HttpClientState(Runtime& runtime, std::string url,
                                 const HttpClientOptions& options)
    : loop_(runtime.loop()),
      url_(std::move(url)),
      options_(with_network(options, loop_)),
      engine_(loop_, options_.network, options_) {}

// --- Sending ---

bool HttpClientState::send(const jsonrpc::Request& request, HttpHeaders parameters) {
  if (closing_ || finished_) return false;
  Exchange exchange{.purpose = Purpose::request, .id = request.id};
  exchange.body = jsonrpc::encode(request);
  exchange.initializes = request.method == method::initialize;
  exchange.stateless = is_stateless_request(request.params);
  if (exchange.stateless) {
    exchange.own_headers = std::move(parameters);
    exchange.own_headers.emplace_back(
        http_header::protocol_version,
        text_member(meta_of(request.params), meta_key::protocol_version));
    exchange.own_headers.emplace_back(http_header::routed_method, request.method);
    if (const char* member = http_header::named_member(request.method)) {
      exchange.own_headers.emplace_back(http_header::routed_name,
                                        encode_header_value(text_member(request.params, member)));
    }
  }
  if (exchange.initializes) session_id_.clear();
  const bool held = !gate_open_ && !exchange.stateless && !exchange.initializes;
  const Key key = add(std::move(exchange));
  by_request_[request.id] = key;
  if (held) {
    held_.push_back(key);
  } else {
    post(key);
  }
  return true;
}

bool HttpClientState::send(const jsonrpc::Notification& notification) {
  if (closing_ || finished_) return false;
  Exchange exchange{.purpose = Purpose::message};
  exchange.body = jsonrpc::encode(notification);
  if (notification.method == method::initialized) {
    exchange.purpose = Purpose::initialized;
    // A request that overtakes it, on another connection, would meet a session that is not ready.
    gate_open_ = false;
  } else if (revision_ && has_routing_headers(*revision_)) {
    exchange.stateless = true;
    exchange.own_headers = {
        {std::string(http_header::protocol_version), std::string(to_string(*revision_))},
        {std::string(http_header::routed_method), notification.method}};
  }
  post(add(std::move(exchange)));
  return true;
}

bool HttpClientState::send(std::string bytes) {
  if (closing_ || finished_) return false;
  Exchange exchange{.purpose = Purpose::message};
  exchange.body = std::move(bytes);
  post(add(std::move(exchange)));
  return true;
}

void HttpClientState::abandon(const jsonrpc::Id& id) {
  const auto found = by_request_.find(id);
  if (found == by_request_.end()) return;
  remove(found->second);
  end_if_quiet();
}

HttpClientState::Key HttpClientState::add(Exchange exchange) {
  const Key key = ++last_key_;
  if (exchange.url.empty()) exchange.url = endpoint_.empty() ? url_ : endpoint_;
  exchanges_.emplace(key, std::move(exchange));
  return key;
}

void HttpClientState::post(Key key) {
  // Later: the caller does not expect to be called back from here.
  loop_.post([weak = weak_from_this(), key] {
    if (auto self = weak.lock()) self->open(key);
  });
}

HttpHeaders HttpClientState::headers_for(Exchange& exchange) const {
  HttpHeaders headers;
  if (exchange.method == "POST") {
    headers.emplace_back("Content-Type", "application/json");
    headers.emplace_back("Accept", "application/json, text/event-stream");
  } else if (exchange.method == "GET") {
    headers.emplace_back("Accept", "text/event-stream");
    headers.emplace_back("Cache-Control", "no-store");
  }
  headers.emplace_back("User-Agent", "fairlead");
  headers.insert(headers.end(), exchange.own_headers.begin(), exchange.own_headers.end());
  if (!exchange.stateless && !exchange.initializes) {
    if (revision_ && has_version_header(*revision_)) {
      headers.emplace_back(http_header::protocol_version, to_string(*revision_));
    }
    exchange.with_session = !session_id_.empty();
    if (exchange.with_session) headers.emplace_back(http_header::session_id, session_id_);
  }
  if (!exchange.last_event_id.empty() && exchange.method == "GET") {
    headers.emplace_back(http_header::last_event_id, exchange.last_event_id);
  }
  headers.insert(headers.end(), options_.headers.begin(), options_.headers.end());
  headers.insert(headers.end(), exchange.authorization.begin(), exchange.authorization.end());
  return headers;
}

void HttpClientState::open(Key key) {
  const auto found = exchanges_.find(key);
  if (found == exchanges_.end()) return;
  Exchange& exchange = found->second;
  exchange.status = 0;
  exchange.head.clear();
  exchange.collected.clear();
  exchange.repeating = false;
  exchange.events.reset();
  if (options_.authorizer) {
    exchange.authorization = options_.authorizer->headers({exchange.method, exchange.url});
  }
  HttpEngine::Request request{.method = exchange.method,
                              .url = exchange.url,
                              .headers = headers_for(exchange),
                              .body = exchange.body,
                              .limited = exchange.purpose == Purpose::request};
  const auto guarded = [weak = weak_from_this(), key](auto function) {
    return [weak, key, function](const auto& argument) {
      if (auto self = weak.lock()) ((*self).*function)(key, argument);
    };
  };
  exchange.wire = engine_.start(
      std::move(request), {guarded(&HttpClientState::on_head), guarded(&HttpClientState::on_body),
                           guarded(&HttpClientState::on_end)});
}

// --- Receiving ---

void HttpClientState::on_head(Key key, const HttpEngine::Head& head) {
  const auto found = exchanges_.find(key);
  if (found == exchanges_.end()) return;
  Exchange& exchange = found->second;
  exchange.status = head.status;
  exchange.head = head.headers;
  const bool denied = head.status == 401 || head.status == 403;
  if (options_.authorizer) {
    if (denied && exchange.purpose != Purpose::end_session) {
      exchange.repeating = true;
      return;
    }
    options_.authorizer->answered({exchange.method, exchange.url}, head.headers);
  }
  const bool moved = head.status == 301 || head.status == 302 || head.status == 303 ||
                     head.status == 307 || head.status == 308;
  if (moved && find_header(head.headers, "location") != nullptr) {
    exchange.repeating = true;
    return;
  }
  if (head.status < 200 || head.status >= 300) return;
  if (const std::string* encoding = find_header(head.headers, "content-encoding");
      encoding != nullptr && ascii_lower(*encoding) != "identity") {
    return fail(key, Kind::unreadable,
                "it came compressed (" + *encoding + "), which was not asked for");
  }
  if (exchange.initializes) {
    const std::string* session = find_header(head.headers, "mcp-session-id");
    if (session != nullptr) {
      if (session->size() > session_id_bytes || !is_visible(*session)) {
        return fail(key, Kind::unreadable,
                    "its session id is no text of visible ASCII characters (at most 4096)");
      }
      session_id_ = *session;
    }
  }
  if (media_type(head.headers) == "text/event-stream") {
    const EventStreamParser::Limits limits{.max_line_bytes = options_.rules.max_body_bytes,
                                           .max_event_bytes = options_.rules.max_body_bytes};
    exchange.events = std::make_shared<EventStreamParser>(limits);
    if (exchange.purpose == Purpose::stream) {
      stream_offered_ = true;
      open_gate();
    }
  } else if (exchange.purpose == Purpose::stream || exchange.purpose == Purpose::old_stream ||
             exchange.purpose == Purpose::resume) {
    stream_ended(key, "it is no event stream");
  }
}

void HttpClientState::on_body(Key key, std::string_view bytes) {
  const auto found = exchanges_.find(key);
  if (found == exchanges_.end()) return;
  Exchange& exchange = found->second;
  if (exchange.repeating) {
    // Only read so that the connection can be kept: not for long.
    exchange.collected.append(bytes.substr(0, error_body_bytes));
    if (exchange.collected.size() <= error_body_bytes) return;
    engine_.cancel(std::exchange(exchange.wire, 0));
    return on_end(key, std::nullopt);
  }
  if (exchange.events) {
    // The parser lives while it works, whatever an event leads to.
    const std::shared_ptr<EventStreamParser> events = exchange.events;
    std::string problem;
    try {
      events->feed(bytes, [&](const StreamEvent& event) {
        const auto still = exchanges_.find(key);
        if (still == exchanges_.end()) return;
        if (!events->last_event_id().empty()) still->second.last_event_id = events->last_event_id();
        on_event(key, event);
      });
    } catch (const std::length_error& error) {
      problem = error.what();
    }
    const auto still = exchanges_.find(key);
    if (still == exchanges_.end()) return;
    if (!problem.empty()) return fail(key, Kind::too_long, problem);
    if (!events->last_event_id().empty()) still->second.last_event_id = events->last_event_id();
    if (events->retry_ms()) still->second.retry_ms = events->retry_ms();
    return;
  }
  const bool success = exchange.status >= 200 && exchange.status < 300;
  if (!success) {
    exchange.collected.append(
        bytes.substr(0, error_body_bytes - std::min(exchange.collected.size(), error_body_bytes)));
    if (exchange.collected.size() < error_body_bytes) return;
    engine_.cancel(std::exchange(exchange.wire, 0));
    return on_end(key, std::nullopt);
  }
  exchange.collected.append(bytes);
  if (exchange.collected.size() > options_.rules.max_body_bytes) {
    exchange.collected.resize(std::min(exchange.collected.size(), kept_bytes));
    fail(key, Kind::too_long,
         "it is longer than " + std::to_string(options_.rules.max_body_bytes) + " bytes");
  }
}

void HttpClientState::on_end(Key key, const std::optional<HttpEngine::Failure>& failure) {
  const auto found = exchanges_.find(key);
  if (found == exchanges_.end()) return;
  Exchange& exchange = found->second;
  exchange.wire = 0;
  if (failure && !exchange.repeating) {
    const bool stream = exchange.events != nullptr || exchange.purpose == Purpose::stream ||
                        exchange.purpose == Purpose::resume ||
                        exchange.purpose == Purpose::old_stream;
    if (stream) return stream_ended(key, failure->text);
    return fail(key,
                failure->forbidden ? Kind::refused
                : failure->sent    ? Kind::lost
                                   : Kind::not_sent,
                failure->text);
  }
  if (exchange.repeating) {
    if (exchange.status == 401 || exchange.status == 403) return authorize(key);
    if (!redirect(key)) refused(key);
    return;
  }
  if (exchange.events) return stream_ended(key, "the server ended the stream");
  if (exchange.status >= 200 && exchange.status < 300) return answered(key);
  refused(key);
}

void HttpClientState::authorize(Key key) {
  Exchange& exchange = exchanges_.at(key);
  Authorizer::Refusal refusal{.request = {exchange.method, exchange.url},
                              .sent = exchange.authorization,
                              .status = exchange.status,
                              .headers = exchange.head,
                              .attempt = ++exchange.refusals};
  options_.authorizer->refused(std::move(refusal),
                               [weak = weak_from_this(), &loop = loop_, key](auto error) {
                                 loop.post([weak, key, error = std::move(error)] {
                                   auto self = weak.lock();
                                   if (!self || !self->exchanges_.contains(key)) return;
                                   if (!error) return self->open(key);
                                   self->fail(key, Kind::refused, *error);
                                 });
                               });
}

/// Follows a redirect; false, with the reason in `collected`, when it must not be followed.
bool HttpClientState::redirect(Key key) {
  Exchange& exchange = exchanges_.at(key);
  const auto target = outbound::redirect_target(exchange.url, exchange.method, exchange.status,
                                                *find_header(exchange.head, "location"),
                                                exchange.redirects, options_.rules);
  if (target.url.empty()) {
    exchange.collected = "the redirect is not followed: " + target.problem;
    return false;
  }
  ++exchange.redirects;
  exchange.url = target.url;
  open(key);
  return true;
}

/// A complete response 2xx that is no event stream.
void HttpClientState::answered(Key key) {
  Exchange& exchange = exchanges_.at(key);
  if (exchange.purpose != Purpose::request) {
    const bool opens = exchange.purpose == Purpose::initialized;
    remove(key);
    if (opens) open_stream();
    return finish();
  }
  const jsonrpc::Id id = *exchange.id;
  if (!endpoint_.empty()) return remove(key);  // 2024-11-05: the answer comes by the stream
  if (media_type(exchange.head) == "application/json" && !exchange.collected.empty()) {
    const std::string body = std::move(exchange.collected);
    exchange.collected = body.substr(0, kept_bytes);
    const auto self = shared_from_this();
    handler_->message_for(id, body);
    if (finished_ || !exchanges_.contains(key)) return;
    if (!handler_->waits_for(id)) {
      remove(key);
      return end_if_quiet();
    }
    return fail(key, Kind::unreadable, "it holds no answer to this request");
  }
  fail(key, Kind::unreadable,
       "it is neither JSON nor an event stream (" +
           (exchange.collected.empty() ? "no body" : media_type(exchange.head)) + ")");
}

/// A complete response that is no success.
void HttpClientState::refused(Key key) {
  Exchange& exchange = exchanges_.at(key);
  std::optional<jsonrpc::ErrorObject> error;
  bool names_request = false;
  if (media_type(exchange.head) == "application/json" || exchange.collected.starts_with('{')) {
    auto decoded = decoder_.decode(exchange.collected);
    auto* message = std::get_if<jsonrpc::Message>(&decoded);
    auto* response = message != nullptr ? std::get_if<jsonrpc::Response>(message) : nullptr;
    if (response != nullptr && response->is_error()) {
      error = std::get<jsonrpc::ErrorObject>(std::move(response->outcome));
      names_request = exchange.id && response->id == exchange.id;
    }
  }
  if (exchange.purpose == Purpose::stream || exchange.purpose == Purpose::old_stream ||
      exchange.purpose == Purpose::resume) {
    return stream_ended(key, "HTTP " + std::to_string(exchange.status));
  }
  if (exchange.status == 404 && exchange.with_session && exchange.purpose != Purpose::end_session) {
    return session_lost(key);
  }
  const bool modern_error = error && (error->code == error_code::header_mismatch ||
                                      error->code == error_code::missing_client_capability ||
                                      error->code == error_code::unsupported_protocol_version);
  if (exchange.initializes && endpoint_.empty() && !modern_error &&
      (exchange.status == 400 || exchange.status == 404 || exchange.status == 405)) {
    return try_old_transport(key);
  }
  // 5xx: somebody gave up in the middle, except those who never began.
  const bool unknown = exchange.status >= 500 && exchange.status != 501 && exchange.status != 503;
  // It is not what it was: a session that it does not know, another era, another server. The next
  // call finds out anew, once nothing is on its way that would be lost by that.
  const bool forgot = exchange.status == 400 && exchange.with_session && !names_request;
  const bool changed = exchange.stateless && !error &&
                       (exchange.status == 400 || exchange.status == 404 || exchange.status == 405);
  if (revision_ && lost_.empty() && (forgot || changed)) {
    lost_ = "the server no longer knows what was agreed with it";
  }
  fail(key, unknown ? Kind::lost : Kind::refused, {}, std::move(error));
}

// --- Ending ---

std::string HttpClientState::excerpt(const Exchange& exchange) const {
  // A server that repeats what it was shown must not make us show it.
  std::string text = without_values(exchange.collected, options_.headers);
  text = without_values(std::move(text), exchange.authorization);
  const bool cut = text.size() > excerpt_bytes;
  text.resize(std::min(text.size(), excerpt_bytes));
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  text = replace_invalid_utf8(text);
  return cut ? text + "…" : text;
}

std::string HttpClientState::about(const Exchange& exchange) const {
  std::string text = exchange.method + " " + outbound::redacted_url(exchange.url);
  if (exchange.status != 0) text += ": HTTP " + std::to_string(exchange.status);
  if (const std::string* after = find_header(exchange.head, "retry-after")) {
    text += " (try again after " + after->substr(0, 40) + ")";
  }
  return text;
}

void HttpClientState::fail(Key key, Kind kind, const std::string& what,
                           std::optional<jsonrpc::ErrorObject> error) {
  const auto self = shared_from_this();
  auto node = exchanges_.extract(key);
  if (node.empty()) return;
  Exchange& exchange = node.mapped();
  loop_.cancel(exchange.timer);
  if (exchange.wire != 0) engine_.cancel(exchange.wire);
  std::string text = about(exchange);
  if (!what.empty()) text += ": " + what;
  if (const std::string body = excerpt(exchange); !body.empty() && !error) text += ": " + body;
  if (exchange.id) {
    by_request_.erase(*exchange.id);
    handler_->failed(*exchange.id, {kind, text, exchange.status, std::move(error)});
  } else if (exchange.purpose == Purpose::initialized) {
    handler_->trouble(text);
    open_stream();
  } else if (exchange.purpose == Purpose::message && !closing_) {
    handler_->trouble(text);
  }
  if (finished_) return;
  end_if_quiet();
  finish();
}

void HttpClientState::remove(Key key) {
  auto node = exchanges_.extract(key);
  if (node.empty()) return;
  loop_.cancel(node.mapped().timer);
  if (node.mapped().wire != 0) engine_.cancel(node.mapped().wire);
  if (node.mapped().id) by_request_.erase(*node.mapped().id);
  held_.erase(std::remove(held_.begin(), held_.end(), key), held_.end());
}

void HttpClientState::close() {
  if (closing_ || finished_) return;
  closing_ = true;
  loop_.cancel(gate_timer_);
  std::vector<Key> ended;
  for (const auto& [key, exchange] : exchanges_) {
    if (exchange.purpose != Purpose::message) ended.push_back(key);
  }
  for (Key key : ended) remove(key);
  if (!session_id_.empty() && endpoint_.empty()) {
    post(add({.purpose = Purpose::end_session, .method = "DELETE"}));
  }
  gate_timer_ = loop_.schedule(options_.close_timeout, [weak = weak_from_this()] {
    auto self = weak.lock();
    if (!self) return;
    self->exchanges_.clear();
    self->finish();
  });
  loop_.post([weak = weak_from_this()] {
    if (auto self = weak.lock()) self->finish();
  });
}

/// After `close`: once everything has been told to the server, or it took too long.
void HttpClientState::finish() {
  if (!closing_ || finished_ || !exchanges_.empty()) return;
  finished_ = true;
  loop_.cancel(gate_timer_);
  const std::string reason = lost_;
  if (handler_ != nullptr) std::exchange(handler_, nullptr)->closed(reason);
}

void HttpClientState::drop() {
  finished_ = true;
  handler_ = nullptr;
  loop_.cancel(gate_timer_);
  std::vector<Key> keys;
  for (const auto& [key, exchange] : exchanges_) keys.push_back(key);
  for (Key key : keys) remove(key);
}

// --- The transport ---

namespace {

class HttpClientTransport final : public RequestTransport {
 public:
  explicit HttpClientTransport(std::shared_ptr<HttpClientState> state) : state_(std::move(state)) {}
  ~HttpClientTransport() override { state_->drop(); }

  void start(Handler& handler) override { state_->start(handler); }
  void start(Transport::Handler& handler) override {
    auto* own = dynamic_cast<Handler*>(&handler);
    if (own == nullptr) {
      throw std::logic_error(
          "the handler of a transport with an exchange for each request must be "
          "a RequestTransport::Handler");
    }
    state_->start(*own);
  }
  bool send(const jsonrpc::Request& request, HttpHeaders parameters) override {
    return state_->send(request, std::move(parameters));
  }
  bool send(const jsonrpc::Notification& notification) override {
    return state_->send(notification);
  }
  bool send(std::string bytes) override { return state_->send(std::move(bytes)); }
  void abandon(const jsonrpc::Id& id) override { state_->abandon(id); }
  void set_revision(Revision revision) override { state_->set_revision(revision); }
  void close() override { state_->close(); }

 private:
  std::shared_ptr<HttpClientState> state_;
};

}  // namespace

std::unique_ptr<Transport> make_http_client_transport(Runtime& runtime, const std::string& url,
                                                      const HttpClientOptions& options) {
  const auto parsed = outbound::parse_http_url(url);
  if (!parsed) {
    throw std::invalid_argument("\"" + outbound::redacted_url(url) + "\" is no http or https URL");
  }
  if (std::string problem = outbound::url_problem(*parsed, options.rules); !problem.empty()) {
    throw std::invalid_argument(outbound::redacted_url(url) + ": " + problem);
  }
  return std::make_unique<HttpClientTransport>(
      std::make_shared<HttpClientState>(runtime, url, options));
}

}  // namespace mcp
