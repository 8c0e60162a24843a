#include <mcp/server/connection.h>

#include <algorithm>
#include <utility>

#include <mcp/base/json_memory.h>
#include <mcp/base/utf8.h>
#include <mcp/protocol/method.h>
#include <mcp/protocol/notification.h>
#include <mcp/server/call_era.h>
#include <mcp/server/dispatch.h>
#include <mcp/server/engine.h>
#include <mcp/server/error_answer.h>
#include <mcp/server/run.h>
#include <mcp/server/tasks.h>

namespace mcp::server {
namespace {

// What a caller always repeats: not worth a charge of its own.
constexpr std::size_t unnoticed_bytes = 4096;

/// Collects the responses of a batch. Each request holds it; when the last one lets go, the
/// answers go out together.
class BatchOutlet final : public Outlet {
 public:
  explicit BatchOutlet(std::shared_ptr<Outlet> outlet) : outlet_(std::move(outlet)) {}
  ~BatchOutlet() override {
    if (responses_.empty()) return;
    responses_.front() = '[';
    outlet_->send({Outbound::Kind::response, responses_ + ']'});
  }
  bool send(Outbound message) override {
    if (message.kind != Outbound::Kind::response) return outlet_->send(std::move(message));
    responses_ += ',' + message.bytes;
    return true;
  }
  bool shared() const override { return outlet_->shared(); }
  void release(Duration retry) override { outlet_->release(retry); }

 private:
  std::shared_ptr<Outlet> outlet_;
  std::string responses_;
};

Error no_room() {
  return overloaded("too many messages are in flight");
}

Error unknown_method(const std::string& method) {
  return Error(error_code::method_not_found, "unknown method '" + method + "'");
}

}  // namespace

Connection::Connection(std::shared_ptr<Engine> engine, std::shared_ptr<Outlet> outlet)
    : engine_(std::move(engine)),
      core_(*engine_->core()),
      runtime_(engine_->runtime()),
      outlet_(std::move(outlet)),
      session_(core_),
      subscriptions_(core_),
      peer_(runtime_.loop()),
      inbox_(engine_->gate(), core_,
             [this](Taken taken, Arrival& arrival) { incoming(std::move(taken), arrival); }) {}

Connection::~Connection() {
  engine_->disconnected(*this);
  for (const auto& [id, call] : calls_) call->stop.request_stop();
}

// --- Bytes to messages ---

void Connection::receive(std::string_view bytes, Arrival arrival) {
  if (closed_ || finished_) return;
  if (!arrival.outlet) arrival.outlet = outlet_;
  inbox_.receive(bytes, std::move(arrival), weak_from_this());
}

void Connection::take(Taken taken, Arrival arrival) {
  if (closed_ || finished_) return;
  if (!arrival.outlet) arrival.outlet = outlet_;
  incoming(std::move(taken), arrival);
}

std::optional<Revision> Connection::session_revision() const {
  if (!session_.negotiated()) return std::nullopt;
  return session_.revision();
}

void Connection::oversized(std::size_t limit) {
  if (closed_ || finished_) return;
  respond_unreadable(*outlet_,
                     {error_code::parse_error,
                      "the message is longer than " + std::to_string(limit) + " bytes", nullptr});
}

void Connection::incoming(Taken taken, Arrival& arrival) {
  const Source source{arrival, std::move(taken.charge), taken.whole, false};
  if (auto* message = std::get_if<jsonrpc::Message>(&taken.message)) {
    item(std::move(*message), source);
  } else if (auto* refused = std::get_if<jsonrpc::Refusal>(&taken.message)) {
    refusal(std::move(*refused), arrival);
  } else {
    batch(std::move(std::get<jsonrpc::Batch>(taken.message)), source);
  }
  check_finished();
}

void Connection::batch(jsonrpc::Batch batch, const Source& source) {
  const char* problem = nullptr;
  if (!session_.negotiated() || !allows_batch(session_.revision()))
    problem = "batches are not part of this protocol revision: send one message at a time";
  else if (batch.items.empty())
    problem = "the batch is empty";
  if (problem != nullptr) {
    respond_unreadable(*source.arrival.outlet, {error_code::invalid_request, problem, nullptr});
    return;
  }
  Arrival collected{std::make_shared<BatchOutlet>(source.arrival.outlet), source.arrival.principal,
                    source.arrival.caller, source.arrival.rate};
  const Source shared{collected, source.charge, source.whole, true};
  for (jsonrpc::BatchItem& one : batch.items) {
    if (closed_) return;
    item(std::move(one), shared);
  }
}

void Connection::item(jsonrpc::BatchItem item, const Source& source) {
  if (auto* refused = std::get_if<jsonrpc::Refusal>(&item)) {
    refusal(std::move(*refused), source.arrival);
    return;
  }
  auto& message = std::get<jsonrpc::Message>(item);
  if (auto* asked = std::get_if<jsonrpc::Request>(&message)) {
    request(std::move(*asked), source);
  } else if (const auto* told = std::get_if<jsonrpc::Notification>(&message)) {
    notification(*told, source);
  } else {
    response(std::move(std::get<jsonrpc::Response>(message)), source);
  }
}

void Connection::refusal(jsonrpc::Refusal refusal, Arrival& arrival) {
  if (refusal.of_response) {
    if (refusal.id) peer_.complete(jsonrpc::Response{refusal.id, std::move(refusal.error)});
  } else if (refusal.id) {
    respond(*arrival.outlet, *refusal.id, std::move(refusal.error));
  } else {
    respond_unreadable(*arrival.outlet, std::move(refusal.error));
  }
}

// --- Requests ---

void Connection::request(jsonrpc::Request request, const Source& source) {
  Outlet& outlet = *source.arrival.outlet;
  try {
    if (calls_.contains(request.id) || subscriptions_.contains(request.id))
      throw Error(error_code::invalid_request, "a request with this id is still being answered");
    if (!source.whole) throw no_room();
    if (is_stateless_request(request.params)) {
      if (source.in_batch)
        throw Error(
            error_code::invalid_request,
            "a request with the `_meta` of the stateless protocol can't be part of a batch: "
            "send it on its own");
      stateless_request(request, source);
    } else {
      session_request(request, source);
    }
  } catch (const Error& error) {
    respond(outlet, request.id, to_object(error));
  } catch (...) {
    const Revision revision = session_.negotiated() ? session_.revision() : latest_revision;
    respond(outlet, request.id,
            error_answer(std::current_exception(), revision, core_, request.method));
  }
  mcp::release(request.params);
}

void Connection::stateless_request(jsonrpc::Request& request, const Source& source) {
  Outlet& outlet = *source.arrival.outlet;
  Caller caller = stateless_caller(request.params);
  if (request.method == method::discover) {
    respond(outlet, request.id, discover(core_, caller.revision));
  } else if (request.method == method::subscriptions_listen) {
    if (calls_.size() + subscriptions_.size() >= core_.options().limits.calls_per_connection)
      throw overloaded("this connection has too many requests in flight");
    if (!source.charge) throw no_room();
    caller.principal = source.arrival.principal;
    subscriptions_.open(request.id, request.params, caller, *engine_->tasks(),
                        source.arrival.outlet, source.charge);
  } else {
    feature_request(request, std::move(caller), source);
  }
}

void Connection::session_request(jsonrpc::Request& request, const Source& source) {
  Outlet& outlet = *source.arrival.outlet;
  if (request.method == method::initialize) {
    if (source.in_batch)
      throw Error(error_code::invalid_request, "`initialize` can't be part of a batch");
    if (!source.charge) throw no_room();
    respond(outlet, request.id,
            session_.initialize(request.params, !source.arrival.principal.empty()));
    session_charge_ = source.charge;
    return;
  }
  if (request.method == method::ping) {  // also before `initialize`
    respond(outlet, request.id, Json::object());
    return;
  }
  Caller caller = session_.caller(request.params);
  if (auto answer = session_.answer(request.method, request.params)) {
    respond(outlet, request.id, std::move(*answer));
  } else {
    feature_request(request, std::move(caller), source);
  }
}

std::vector<Charge> Connection::charges(const jsonrpc::Request& request, const Charge& charge) {
  std::vector<Charge> all{charge};
  // The caller repeats what `_meta` says; seldom much.
  const std::size_t repeated = held_bytes(meta_of(request.params));
  if (repeated > unnoticed_bytes) all.push_back(core_.charge(repeated));
  if (!all.front() || !all.back()) throw no_room();
  return all;
}

void Connection::feature_request(jsonrpc::Request& request, Caller caller, const Source& source) {
  if (!is_feature_method(request.method)) throw unknown_method(request.method);
  auto snapshot = core_.snapshot();
  snapshot->require_offered(request.method, caller.revision);
  if (const auto list = feature_list(request.method); list && core_.middleware.empty()) {
    respond(*source.arrival.outlet, request.id,
            snapshot->list(*list, caller.revision, request.params));
    return;
  }
  if (request.method == method::tools_call) count_tool_call(request, source.arrival);
  if (calls_.size() + subscriptions_.size() >= core_.options().limits.calls_per_connection)
    throw overloaded("this connection has too many requests in flight");
  std::vector<Charge> charged = charges(request, source.charge);
  caller.principal = source.arrival.principal;
  caller.counted_as = source.arrival.caller;
  if (roots_ && era(caller.revision) == Era::session) caller.roots = roots_->roots;
  if (request.params.is_null()) request.params = Json::object();
  static_assert(sizeof(EndingCall) < 1000, "see Call");
  auto call =
      std::make_shared<EndingCall>(Call{.core = engine_->core(),
                                        .runtime = runtime_,
                                        .connection = weak_from_this(),
                                        .engine = engine_,
                                        .tasks = engine_->tasks(),
                                        .snapshot = std::move(snapshot),
                                        .charges = std::move(charged),
                                        .id = request.id,
                                        .method = request.method,
                                        .subject = subject_of(request.method, request.params),
                                        .caller = std::move(caller),
                                        .params = std::move(request.params),
                                        .outlet = source.arrival.outlet});
  calls_.emplace(call->id, call);
  engine_->began(call);
  try {
    begin(call);
  } catch (...) {
    engine_->ended(*call);
    drop(*call);
    throw;
  }
}

void Connection::count_tool_call(const jsonrpc::Request& request, const Arrival& arrival) {
  if (!arrival.rate) return;
  const Duration wait = arrival.rate->take(arrival.caller, runtime_.loop().now());
  if (wait <= Duration::zero()) return;
  if (core_.audit) {
    core_.record({.time = runtime_.environment().wall_clock(),
                  .tool = subject_of(request.method, request.params),
                  .arguments_digest = arguments_digest(request.params),
                  .outcome = "rate_limited",
                  .principal = arrival.principal,
                  .caller = arrival.caller});
  }
  throw too_many_calls(arrival.rate->per_minute(), wait);
}

void Connection::begin(const std::shared_ptr<Call>& call) {
  if (runs_inline(*call)) {
    Run::start(call);
    return;
  }
  if (engine_->turns().try_wait(call)) return;
  // A repeated call was admitted with its first round. Only a state of our own proves it: nobody
  // gets past the bound by claiming so.
  call_era(*call).open(*call);
  if (call->round.number == 0) {
    ++core_.metrics.refused;
    throw overloaded("the server is busy");
  }
  engine_->turns().wait(call);
}

void Connection::notification(const jsonrpc::Notification& notification, const Source& source) {
  if (!source.whole) {  // nobody else can be told
    core_.log(LogSeverity::warning,
              "too many messages are in flight: a notification was not taken: " +
                  std::string(truncate_utf8(notification.method, 100)));
  } else if (notification.method == method::initialized) {
    session_.initialized();
  } else if (notification.method == method::roots_list_changed) {
    ++roots_changes_;
    roots_.reset();
  } else if (notification.method == method::cancelled) {
    try {
      const auto params = from_json<CancelledParams>(notification.params);
      if (const auto id = jsonrpc::Id::from_json(params.request_id)) cancel(*id);
    } catch (const Error&) {
      // Malformed notifications are ignored: there is nobody to tell.
    }
  }
}

void Connection::response(jsonrpc::Response response, const Source& source) {
  if (!source.whole) response.outcome = to_object(no_room());
  peer_.complete(std::move(response));
}

void Connection::respond(Outlet& outlet, const jsonrpc::Id& id, Answer answer) {
  const auto* error = std::get_if<jsonrpc::ErrorObject>(&answer);
  const int code = error != nullptr ? error->code : 0;
  const bool has_data = error != nullptr && error->data.is_object();
  const int retry_after = has_data ? error->data.value("retryAfterMs", 0) : 0;
  const bool too_many_calls = has_data && error->data.contains("callsPerMinute");
  outlet.send({Outbound::Kind::response, jsonrpc::encode(jsonrpc::Response{id, std::move(answer)}),
               code, retry_after, too_many_calls});
}

void Connection::respond_unreadable(Outlet& outlet, jsonrpc::ErrorObject error) {
  const int code = error.code;
  const bool null_id = session_.negotiated() && !omits_unreadable_id(session_.revision());
  outlet.send({Outbound::Kind::response,
               jsonrpc::encode(jsonrpc::Response{std::nullopt, std::move(error), null_id}), code});
}

// --- Calls ---

bool Connection::is_in_flight(const Call& call) const {
  const auto found = calls_.find(call.id);
  return found != calls_.end() && found->second.get() == &call;
}

void Connection::drop(Call& call) {
  for (const jsonrpc::Id& id : std::exchange(call.open_asks, {})) {
    peer_.cancel(id);
    notify(*call.outlet, method::cancelled,
           to_json(CancelledParams{.request_id = id.to_json(), .reason = "the call is over"},
                   call.revision()));
  }
  runtime_.loop().cancel(std::exchange(call.wait_timer, Loop::TimerId::none));
  call.outlet.reset();  // here, on the loop: a worker may hold the call for longer
  calls_.erase(call.id);
}

void Connection::cancel(const jsonrpc::Id& id) {
  const auto found = calls_.find(id);
  if (found != calls_.end()) {
    const auto call = found->second;
    drop(*call);
    call->stop.request_stop();
  } else {
    subscriptions_.forget(id);
  }
  check_finished();
}

void Connection::tell(const Call& call, std::string bytes) {
  if (is_in_flight(call)) {
    call.outlet->send({Outbound::Kind::notification, std::move(bytes)});
  } else if (!call.stop.get_token().stop_requested() && !call.task_id.empty() && !closed_) {
    outlet_->send({Outbound::Kind::notification, std::move(bytes)});
  }
}

bool Connection::became_task(Call& call, std::string response) {
  if (!is_in_flight(call)) return false;
  const auto outlet = call.outlet;
  drop(call);
  const bool told = outlet->send({Outbound::Kind::response, std::move(response)});
  check_finished();
  return told;
}

void Connection::task_changed(const StoredTask& task) {
  if (closed_ || finished_) return;
  notify(*outlet_, method::tasks_status, task_metadata(task.state, task.revision));
}

void Connection::release(const Call& call, Duration retry) {
  if (is_in_flight(call)) call.outlet->release(retry);
}

void Connection::run(const std::shared_ptr<Call>& call) {
  engine_->began(call);
  engine_->turns().wait(call);
}

void Connection::concluded(const std::shared_ptr<Call>& call, Outcome outcome) {
  if (!is_in_flight(*call)) {  // cancelled meanwhile
    check_finished();
    return;
  }
  if (outcome.waits_for.empty()) call->waits_since.reset();
  if (!outcome.asks.empty()) {
    ask(call, std::move(outcome.asks));
  } else if (!outcome.waits_for.empty()) {
    wait(call, outcome.waits_for);
  } else {
    for (const std::string& id : outcome.elicitations) remember_elicitation(id);
    const auto outlet = call->outlet;
    drop(*call);
    outlet->send({Outbound::Kind::response, std::move(outcome.response), outcome.error_code});
  }
  check_finished();
}

// --- What nobody asked for, and the end ---

void Connection::publish(const Change& change) {
  if (closed_ || finished_) return;
  if (change.what == Change::What::elicitation) elicitation_completed(change.subject);
  if (auto told = session_.notification(change))
    notify(*outlet_, told->method.c_str(), std::move(told->params));
  subscriptions_.publish(change);
}

void Connection::notify(Outlet& outlet, const char* method, Json params) {
  if (!core_.pass_outgoing(method, params)) return;
  outlet.send({Outbound::Kind::notification,
               jsonrpc::encode(jsonrpc::Notification{method, std::move(params)})});
}

void Connection::finish(std::function<void()> done) {
  if (closed_) {
    done();
    return;
  }
  finished_ = std::move(done);
  subscriptions_.close_all();
  std::vector<std::shared_ptr<Call>> parked;
  for (const auto& [id, call] : calls_) {
    if (!call->open_asks.empty() || !call->waits_for.empty()) parked.push_back(call);
  }
  for (const auto& call : parked) drop(*call);
  check_finished();
}

void Connection::check_finished() {
  if (!finished_ || !calls_.empty() || !inbox_.empty()) return;
  std::exchange(finished_, {})();
}

void Connection::close() {
  if (closed_) return;
  closed_ = true;
  inbox_.close();
  subscriptions_.forget_all();
  peer_.fail_all({error_code::internal_error, "the connection is closed", nullptr});
  for (auto& [id, call] : std::exchange(calls_, {})) {
    runtime_.loop().cancel(call->wait_timer);
    call->outlet.reset();
    call->stop.request_stop();
  }
}

}  // namespace mcp::server
