#include <mcp/server/http_endpoint.h>

#include <algorithm>
#include <utility>
#include <vector>

#include <mcp/base/ids.h>
#include <mcp/protocol/http_header.h>
#include <mcp/protocol/lifecycle.h>
#include <mcp/protocol/meta.h>
#include <mcp/server/dispatch.h>
#include <mcp/server/error_answer.h>
#include <mcp/server/http_routing.h>
#include <mcp/server/prometheus_text.h>

namespace mcp::server {
namespace {

constexpr Duration tick_time = std::chrono::seconds(1);
constexpr const char* legacy_stream_path = "/sse";
constexpr const char* legacy_post_path = "/messages";
constexpr const char* metrics_path = "/metrics";

// Names of headers as they are kept: in lower case.
constexpr const char* version_header = "mcp-protocol-version";
constexpr const char* session_header = "mcp-session-id";
constexpr const char* last_event_header = "last-event-id";

Error bad_request(const std::string& message) {
  return Error(error_code::invalid_request, message);
}

std::optional<jsonrpc::Id> id_of(const jsonrpc::Incoming& incoming) {
  if (const auto* refusal = std::get_if<jsonrpc::Refusal>(&incoming)) return refusal->id;
  if (const auto* message = std::get_if<jsonrpc::Message>(&incoming)) {
    if (const auto* request = std::get_if<jsonrpc::Request>(message)) return request->id;
  }
  return std::nullopt;
}

HttpResponse challenge_response(const Challenge& challenge) {
  HttpResponse response =
      error_response(challenge.status, std::nullopt, bad_request(challenge.message));
  response.headers.insert(response.headers.end(), challenge.headers.begin(),
                          challenge.headers.end());
  return response;
}

void answer(HttpExchange& exchange, HttpResponse response, const HttpHeaders& more) {
  response.headers.insert(response.headers.end(), more.begin(), more.end());
  exchange.respond(std::move(response));
}

}  // namespace

/// A POST on its way to its answer.
struct HttpEndpoint::Post {
  HttpRequest request;
  HttpReplyTo to;
  Principal principal;
  Charge charge;
};

HttpEndpoint::HttpEndpoint(std::shared_ptr<Engine> engine, HttpOptions options)
    : shared_(std::make_shared<HttpShared>(std::move(engine), std::move(options))),
      options_(shared_->options),
      core_(*shared_->engine->core()),
      access_(options_),
      legacy_(shared_, legacy_post_path),
      self_(std::make_shared<HttpEndpoint*>(this)) {
  if (options_.verifier) {
    for (auto& [path, text] : options_.verifier->documents()) documents_.emplace(path, text);
  }
}

HttpEndpoint::~HttpEndpoint() {
  *self_ = nullptr;
  shared_->loop.cancel(timer_);
  close();
}

// --- Headers ---

bool HttpEndpoint::serves(const std::string& path) const {
  return path == options_.path ||
         (options_.legacy_sse && (path == legacy_stream_path || path == legacy_post_path));
}

void HttpEndpoint::head(const HttpRequest& head, const std::shared_ptr<HttpExchange>& exchange) {
  int status = 200;
  if (const std::string problem = head_problem(head, status); !problem.empty()) {
    ++shared_->refused;
    HttpResponse response = error_response(status, std::nullopt, bad_request(problem));
    if (status == 405)
      response.headers.emplace_back(
          "Allow", options_.sessions && head.path == options_.path ? "GET, POST, DELETE" : "POST");
    answer(*exchange, std::move(response),
           status == 403 ? HttpHeaders{} : access_.cors_headers(head));
    return;
  }
  // Names of tools, and how much they are used, are for who may use them.
  const bool is_guarded = serves(head.path) || head.path == metrics_path;
  if (!options_.verifier || !is_guarded || head.method == "OPTIONS") {
    exchange->accept();
    return;
  }
  options_.verifier->verify(
      {head.method, head.path, head.headers},
      [this, self = self_, exchange,
       cors = access_.cors_headers(head)](RequestVerifier::Verdict verdict) {
        auto decide = [this, self, exchange, cors, verdict = std::move(verdict)] {
          if (*self == nullptr) return;
          if (const auto* challenge = std::get_if<Challenge>(&verdict)) {
            ++shared_->refused;
            answer(*exchange, challenge_response(*challenge), cors);
            return;
          }
          exchange->kept = std::make_shared<Principal>(std::get<Principal>(verdict));
          exchange->accept();
        };
        if (shared_->loop.is_current()) {
          decide();
        } else {
          shared_->loop.post(std::move(decide));
        }
      });
}

/// Why a request is refused before its body is read; empty when it is not.
std::string HttpEndpoint::head_problem(const HttpRequest& head, int& status) const {
  status = 403;
  if (std::string problem = access_.problem(head); !problem.empty()) return problem;
  // Which of two would count depends on who reads: a proxy in between may have taken the other one.
  status = 400;
  for (const char* once :
       {"authorization", "content-type", "last-event-id", "mcp-session-id", "origin"}) {
    if (std::count_if(head.headers.begin(), head.headers.end(),
                      [&](const auto& header) { return header.first == once; }) > 1)
      return "the header " + std::string(once) + " comes more than once";
  }
  const bool is_endpoint = serves(head.path);
  if (!is_endpoint && head.path != metrics_path && head.path != "/health" &&
      head.path != "/health/live" && head.path != "/health/ready" &&
      !documents_.contains(head.path)) {
    status = 404;
    return "there is nothing at this path: the endpoint is " + options_.path;
  }
  if (head.method == "OPTIONS") return {};
  status = 405;
  const bool reads = head.method == "GET" || head.method == "HEAD";
  if (!is_endpoint) return reads ? std::string() : "only GET is possible here";
  if (head.path == legacy_stream_path && options_.legacy_sse)
    return head.method == "GET" ? std::string() : "only GET is possible here";
  const bool of_sessions = options_.sessions && head.path == options_.path;
  if (head.method == "GET") {
    if (!of_sessions) return "GET is not possible here: streams are opened by POST";
    const std::string* accept = head.header("accept");
    status = 406;
    if (accept != nullptr && !lists_media_type(*accept, "text/event-stream"))
      return "a GET must accept text/event-stream";
    return {};
  }
  if (head.method == "DELETE") return of_sessions ? std::string() : "DELETE is not possible here";
  if (head.method != "POST") return "this method is not possible here";
  const std::string* type = head.header("content-type");
  status = 415;
  if (type == nullptr || type->find('*') != std::string::npos ||
      !lists_media_type(*type, "application/json"))
    return "the body must be application/json";
  status = 406;
  if (const std::string* accept = head.header("accept");
      accept != nullptr && !lists_media_type(*accept, "application/json") &&
      !lists_media_type(*accept, "text/event-stream"))
    return "the client must accept application/json and text/event-stream";
  return {};
}

void HttpEndpoint::document(const HttpRequest& request, HttpExchange& exchange) {
  HttpResponse response{200, {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}}};
  if (request.path == metrics_path) {
    response.headers[0].second = "text/plain; version=0.0.4; charset=utf-8";
    response.body = metrics();
  } else if (request.path.starts_with("/health")) {
    const bool ready = !shared_->draining;
    if (!ready && request.path != "/health/live") response.status = 503;
    response.body = ready ? R"({"status":"ok"})" : R"({"status":"stopping"})";
  } else {
    response.headers[1].second = "max-age=3600";
    response.body = documents_.at(request.path);
  }
  answer(exchange, std::move(response), access_.cors_headers(request));
}

std::string HttpEndpoint::metrics() const {
  PrometheusText text;
  text.counter("mcp_http_requests_total", "JSON-RPC requests received over HTTP",
               shared_->requests);
  text.counter("mcp_http_refused_total", "HTTP requests answered with an error status",
               shared_->refused);
  std::size_t streams = 0;
  for (const auto& [caller, use] : shared_->callers) streams += use.streams;
  text.gauge("mcp_http_open_streams", "Event streams that are open", streams);
  text.gauge("mcp_http_sessions", "Sessions that are open", sessions_.size() + legacy_.size());
  text.gauge("mcp_http_open_calls", "Requests that are being answered", shared_->answers.size());
  const Metrics& numbers = core_.metrics;
  const std::size_t running = shared_->engine->running_count();
  const std::size_t queued = std::min<std::size_t>(numbers.queued, running);
  text.gauge("mcp_calls_queued", "Calls whose handlers wait for a worker", queued);
  text.gauge("mcp_calls_running", "Calls whose handlers have begun", running - queued);
  text.counter("mcp_calls_refused_total", "Calls refused because too many waited", numbers.refused);
  text.gauge("mcp_message_bytes", "Memory charged for messages that are being answered",
             core_.charged());
  text.tools(numbers);
  return text.take() + (options_.metrics ? options_.metrics() : std::string());
}

// --- Requests ---

void HttpEndpoint::request(HttpRequest request, std::shared_ptr<HttpExchange> exchange) {
  if (request.method == "OPTIONS") {
    exchange->respond(access_.preflight(request));
    return;
  }
  if (!serves(request.path)) {
    document(request, *exchange);
    return;
  }
  const auto post = std::make_shared<Post>();
  if (const auto principal = std::static_pointer_cast<Principal>(std::exchange(exchange->kept, {})))
    post->principal = std::move(*principal);
  HttpReplyTo& to = post->to;
  to.exchange = std::move(exchange);
  to.headers = access_.cors_headers(request);
  to.caller = post->principal.id.empty() ? request.peer : post->principal.id;
  if (const std::string* accept = request.header("accept")) {
    to.takes_json = lists_media_type(*accept, "application/json");
    to.takes_events = lists_media_type(*accept, "text/event-stream");
  }
  if (request.path == legacy_stream_path && options_.legacy_sse) {
    if (has_room(to, std::nullopt)) legacy_.open(to, post->principal.id);
  } else if (request.method == "GET") {
    get(request, to, post->principal.id);
  } else if (request.method == "DELETE") {
    remove(request, to, post->principal.id);
  } else {
    post->request = std::move(request);
    received(post);
  }
}

void HttpEndpoint::refuse(const HttpReplyTo& to, int status, const std::optional<jsonrpc::Id>& id,
                          const Error& error) {
  ++shared_->refused;
  answer(*to.exchange, error_response(status, id, error), to.headers);
}

void HttpEndpoint::received(const std::shared_ptr<Post>& post) {
  std::string body = std::move(post->request.body);
  post->request.body = {};
  Gate& gate = shared_->engine->gate();
  if (body.size() <= Gate::small_bytes) {
    decoded(post, gate.take(body));
    return;
  }
  Charge charge = core_.charge(body.size());
  if (!charge) {
    refuse(post->to, 503, std::nullopt, overloaded("too many messages are in flight"));
    return;
  }
  gate.take_aside(std::move(body), std::move(charge), [this, self = self_, post](Taken taken) {
    if (*self != nullptr) decoded(post, std::move(taken));
  });
}

void HttpEndpoint::decoded(const std::shared_ptr<Post>& post, Taken taken) {
  jsonrpc::Incoming& incoming = taken.message;
  post->charge = std::move(taken.charge);
  auto* one = std::get_if<jsonrpc::Message>(&incoming);
  const bool is_request = one != nullptr && std::holds_alternative<jsonrpc::Request>(*one);
  if (!taken.whole || (is_request && !post->charge)) {
    refuse(post->to, 503, id_of(incoming), overloaded("too many messages are in flight"));
    return;
  }
  if (options_.legacy_sse && post->request.path == legacy_post_path) {
    if (permitted(post, incoming))
      legacy_.post(post->request, post->to, post->principal.id,
                   {std::move(incoming), std::move(post->charge)});
    return;
  }
  if (one != nullptr) {
    message(post, std::move(*one));
    return;
  }
  // What could not be read, and batches: the session knows how to say so.
  if (post->request.header(session_header) != nullptr) {
    in_session(post, std::move(incoming));
  } else if (const auto* refusal = std::get_if<jsonrpc::Refusal>(&incoming)) {
    refuse(post->to, 400, refusal->id,
           Error(refusal->error.code, refusal->error.message, refusal->error.data));
  } else {
    refuse(post->to, 400, std::nullopt,
           bad_request("batches are only for sessions of the revision that has them: send one "
                       "message at a time"));
  }
}

void HttpEndpoint::message(const std::shared_ptr<Post>& post, jsonrpc::Message message) {
  const std::string* version = post->request.header(version_header);
  const auto revision = version != nullptr ? parse_revision(*version) : std::nullopt;
  const bool stateless_header = revision && era(*revision) == Era::stateless;
  auto* request = std::get_if<jsonrpc::Request>(&message);
  const auto id = request != nullptr ? std::optional(request->id) : std::nullopt;
  if (request != nullptr) {
    ++shared_->requests;
    if (!has_room(post->to, id)) return;
    if (stateless_header || is_stateless_request(request->params)) {
      stateless(post, std::move(*request));
      return;
    }
  }
  if (version != nullptr && !revision) {
    refuse(post->to, 400, id, unsupported_protocol_version(*version));
  } else if (stateless_header) {
    if (std::holds_alternative<jsonrpc::Notification>(message)) {
      answer(*post->to.exchange, {202}, post->to.headers);
    } else {
      refuse(post->to, 400, id, bad_request("clients of this revision send no responses"));
    }
  } else if (!options_.sessions) {
    refuse(post->to, 400, id,
           unsupported_protocol_version(version != nullptr ? *version : std::string()));
  } else if (request != nullptr && request->method == method::initialize &&
             post->request.header(session_header) == nullptr) {
    initialize(post, std::move(message));
  } else if (request != nullptr && request->method == method::ping &&
             post->request.header(session_header) == nullptr) {
    answer(*post->to.exchange,
           json_response(200, jsonrpc::encode(jsonrpc::Response{id, Json(Json::object())})),
           post->to.headers);
  } else {
    in_session(post, jsonrpc::Incoming(std::move(message)));
  }
}

bool HttpEndpoint::has_room(const HttpReplyTo& to, const std::optional<jsonrpc::Id>& id) {
  const auto use = shared_->callers.find(to.caller);
  if (use == shared_->callers.end()) return true;
  if (use->second.calls < options_.calls_per_caller &&
      use->second.streams < options_.streams_per_caller)
    return true;
  refuse(to, 429, id, overloaded("this caller has too many requests in flight"));
  return false;
}

/// Whether the token's scopes suffice; answers when they do not.
bool HttpEndpoint::permitted(const std::shared_ptr<Post>& post, const jsonrpc::Incoming& incoming) {
  if (!options_.verifier) return true;
  const auto allowed = [&](const jsonrpc::Message& message) {
    const auto* request = std::get_if<jsonrpc::Request>(&message);
    if (request == nullptr) return true;
    const auto challenge = options_.verifier->authorize(
        post->principal, request->method,
        request->params.is_object() ? subject_of(request->method, request->params) : std::string());
    if (!challenge) return true;
    ++shared_->refused;
    answer(*post->to.exchange, challenge_response(*challenge), post->to.headers);
    return false;
  };
  if (const auto* one = std::get_if<jsonrpc::Message>(&incoming)) return allowed(*one);
  if (const auto* batch = std::get_if<jsonrpc::Batch>(&incoming)) {
    for (const jsonrpc::BatchItem& item : batch->items) {
      const auto* one = std::get_if<jsonrpc::Message>(&item);
      if (one != nullptr && !allowed(*one)) return false;
    }
  }
  return true;
}

void HttpEndpoint::stateless(const std::shared_ptr<Post>& post, jsonrpc::Request request) {
  if (const std::string problem =
          routing_problem(post->request.headers, request, *core_.snapshot());
      !problem.empty()) {
    refuse(post->to, 400, request.id,
           Error(error_code::header_mismatch, "header mismatch: " + problem));
    return;
  }
  if (options_.verifier && !permitted(post, jsonrpc::Message(request))) return;
  const auto served = std::make_shared<StatelessAnswer>(shared_, std::move(post->to));
  served->serve(std::move(request), std::move(post->principal.id), post->charge);
}

// --- Sessions ---

void HttpEndpoint::initialize(const std::shared_ptr<Post>& post, jsonrpc::Message message) {
  if (!permitted(post, message)) return;
  if (sessions_.size() >= options_.max_sessions && !make_room()) {
    refuse(post->to, 503, id_of(message), overloaded("too many sessions are open"));
    return;
  }
  auto session = std::make_shared<HttpSession>(
      shared_, random_token(shared_->engine->runtime().environment(), 24), post->principal.id);
  const auto connection = session->connection();
  {
    const auto answer =
        std::make_shared<SessionAnswer>(shared_, std::move(post->to), session, true);
    connection->take({std::move(message), post->charge}, {answer, post->principal.id});
  }
  if (!connection->session_revision()) {  // refused
    session->close();
    return;
  }
  session->place = by_age_.insert(by_age_.end(), session);
  sessions_.emplace(session->id(), session->place);
}

/// Ends the session that was idle longest; false when none was found.
bool HttpEndpoint::make_room() {
  // Old ones with open streams or calls go to the end, so that the next search does not meet them;
  // a table full of them must not make every `initialize` walk through it.
  constexpr int longest_search = 64;
  for (int tried = 0; tried < longest_search && !by_age_.empty(); ++tried) {
    const auto oldest = by_age_.front();
    if (!oldest->in_use()) {
      end_session(oldest);
      return true;
    }
    by_age_.splice(by_age_.end(), by_age_, by_age_.begin());
  }
  return false;
}

void HttpEndpoint::in_session(const std::shared_ptr<Post>& post, jsonrpc::Incoming incoming) {
  const auto session = session_of(post->request, post->to, post->principal.id, id_of(incoming));
  if (!session || !permitted(post, incoming)) return;
  const auto connection = session->connection();
  std::string caller = post->to.caller;
  const auto answer = std::make_shared<SessionAnswer>(shared_, std::move(post->to), session, false);
  answer->start();
  connection->take({std::move(incoming), post->charge},
                   {answer, post->principal.id, std::move(caller), shared_->rate});
}

std::shared_ptr<HttpSession> HttpEndpoint::find_session(const std::string& id,
                                                        const std::string& principal) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end() || (*found->second)->principal() != principal) return nullptr;
  std::shared_ptr<HttpSession> session = *found->second;
  session->touch();
  by_age_.splice(by_age_.end(), by_age_, found->second);
  return session;
}

std::shared_ptr<HttpSession> HttpEndpoint::session_of(const HttpRequest& request,
                                                      const HttpReplyTo& to,
                                                      const std::string& principal,
                                                      const std::optional<jsonrpc::Id>& id) {
  if (const std::string* version = request.header(version_header);
      version != nullptr && !parse_revision(*version)) {
    refuse(to, 400, id, unsupported_protocol_version(*version));
    return nullptr;
  }
  const std::string* session_id = request.header(session_header);
  if (session_id == nullptr) {
    refuse(to, 400, id,
           Error(error_code::invalid_params,
                 "the request belongs to no session: send `initialize` first and repeat its "
                 "Mcp-Session-Id, or give `params._meta` with "
                 "io.modelcontextprotocol/protocolVersion and "
                 "io.modelcontextprotocol/clientCapabilities"));
    return nullptr;
  }
  auto session = find_session(*session_id, principal);
  if (!session) refuse(to, 404, id, bad_request("there is no such session, or it has ended"));
  return session;
}

void HttpEndpoint::get(const HttpRequest& request, const HttpReplyTo& to,
                       const std::string& principal) {
  const auto session = session_of(request, to, principal, std::nullopt);
  if (!session) return;
  if (const auto use = shared_->callers.find(to.caller);
      use != shared_->callers.end() && use->second.streams >= options_.streams_per_caller) {
    refuse(to, 429, std::nullopt, overloaded("this caller has too many streams"));
    return;
  }
  const std::string* last_event = request.header(last_event_header);
  if (last_event == nullptr) {
    session->listen(to);
  } else if (!session->resume(*last_event, to)) {
    refuse(
        to, 400, std::nullopt,
        bad_request("no stream of this session has the event '" + *last_event + "' to go on from"));
  }
}

void HttpEndpoint::remove(const HttpRequest& request, const HttpReplyTo& to,
                          const std::string& principal) {
  const auto session = session_of(request, to, principal, std::nullopt);
  if (!session) return;
  answer(*to.exchange, {204}, to.headers);
  end_session(session);
}

void HttpEndpoint::end_session(const std::shared_ptr<HttpSession>& session) {
  sessions_.erase(session->id());
  by_age_.erase(session->place);
  session->close();
}

// --- Time, and the end ---

void HttpEndpoint::start() {
  timer_ = shared_->loop.schedule(tick_time, [this, self = self_] {
    if (*self != nullptr) tick();
  });
}

void HttpEndpoint::tick() {
  const TimePoint now = shared_->loop.now();
  for (auto place = shared_->answers.begin(); place != shared_->answers.end();) {
    HttpAnswer* answer = *place++;  // it may end meanwhile
    answer->tick(now);
  }
  std::vector<std::shared_ptr<HttpSession>> expired;
  for (const auto& session : by_age_) {
    session->tick(now);
    if (session->expired(now)) expired.push_back(session);
  }
  for (const auto& session : expired) end_session(session);
  legacy_.tick(now);
  start();
}

void HttpEndpoint::drain() {
  shared_->draining = true;
  for (auto place = shared_->answers.begin(); place != shared_->answers.end();) {
    HttpAnswer* answer = *place++;
    answer->finish();
  }
  for (const auto& session : by_age_) session->end_streams();
  legacy_.close();
}

void HttpEndpoint::close() {
  for (const auto& session : std::exchange(by_age_, {})) session->close();
  sessions_.clear();
  legacy_.close();
}

}  // namespace mcp::server
