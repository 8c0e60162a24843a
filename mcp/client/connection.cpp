#include <mcp/client/connection.h>

#include <algorithm>
#include <utility>
#include <vector>

#include <mcp/client/answer_id.h>
#include <mcp/protocol/method.h>
#include <mcp/protocol/notification.h>

namespace mcp::client {
namespace {

constexpr std::size_t forgotten_limit = 1024;

std::string excerpt(std::string_view bytes) {
  constexpr std::size_t shown = 120;
  std::string text(bytes.substr(0, shown));
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f) c = '?';
  }
  return bytes.size() > shown ? text + "…" : text;
}

}  // namespace

Connection::Connection(Loop& loop, std::unique_ptr<Transport> transport,
                       const ClientOptions& options, jsonrpc::Peer& peer, Owner& owner)
    : loop_(loop),
      transport_(std::move(transport)),
      requests_(dynamic_cast<RequestTransport*>(transport_.get())),
      options_(options),
      peer_(peer),
      owner_(owner),
      decoder_(options.limits.codec) {}

Connection::~Connection() {
  loop_.cancel(hold_timer_);
  auto waiting = std::exchange(waiting_, {});
  for (auto& [id, entry] : waiting) peer_.cancel(id);
}

std::optional<jsonrpc::Id> Connection::send(const std::string& method,
                                            const std::function<Json(const jsonrpc::Id&)>& params,
                                            Waiting waiting) {
  auto id = peer_.open([this](jsonrpc::CallEnd end) { ended(std::move(end)); }, waiting.deadline);
  if (!id) return std::nullopt;
  // From here on the call is open: whatever goes wrong must close it again.
  try {
    jsonrpc::Request request{*id, method, params(*id)};
    for (const ClientMiddleware& middleware : options_.middleware) {
      if (middleware.outgoing) middleware.outgoing(request);
    }
    request.id = *id;
    bool sent = requests_ != nullptr ? requests_->send(request, std::move(waiting.parameters))
                                     : transport_->send(jsonrpc::encode(std::move(request)));
    if (sent) {
      waiting_.emplace(*id, Entry{std::move(waiting), asks_});
      return id;
    }
  } catch (...) {
    peer_.cancel(*id);
    throw;
  }
  peer_.cancel(*id);
  return std::nullopt;
}

void Connection::forget(const jsonrpc::Id& id) {
  if (waiting_.erase(id) == 0) return;
  remember(id);
  peer_.cancel(id);
  if (requests_ != nullptr) requests_->abandon(id);
}

void Connection::cancel(const jsonrpc::Id& id, const std::string& reason) {
  if (requests_ != nullptr) {
    requests_->abandon(id);
    // In the stateless era the end of the exchange says it all.
    if (!revision_ || era(*revision_) == Era::stateless) return;
  }
  notify(method::cancelled, to_json(CancelledParams{.request_id = id.to_json(), .reason = reason},
                                    revision_.value_or(latest_session_revision)));
}

void Connection::remember(const jsonrpc::Id& id) {
  forgotten_.push_back(id);
  if (forgotten_.size() > forgotten_limit) forgotten_.pop_front();
}

void Connection::notify(const std::string& method, Json params) {
  jsonrpc::Notification notification{method, std::move(params)};
  report_unsent(requests_ != nullptr ? requests_->send(notification)
                                     : transport_->send(jsonrpc::encode(std::move(notification))),
                method);
}

void Connection::respond(jsonrpc::Response response) {
  const std::string what =
      "the answer to " +
      (response.id ? "the server's request " + jsonrpc::encode_value(response.id->to_json())
                   : std::string("what could not be read"));
  report_unsent(transport_->send(jsonrpc::encode(std::move(response))), what);
}

void Connection::report_unsent(bool sent, const std::string& what) {
  if (sent || retired_) return;
  owner_.violation(what + " was not sent: the server does not read, or is going away");
}

// --- Time ---

// Which call an ask is for, the server does not say: it counts for each one that waits.
bool Connection::counts(std::uint64_t ask, const Entry& entry) const {
  return ask <= entry.asks_before + options_.limits.asks_per_call;
}

std::optional<std::uint64_t> Connection::hold() {
  const std::uint64_t ask = asks_ + 1;
  if (!waiting_.empty() && std::none_of(waiting_.begin(), waiting_.end(), [&](const auto& waiting) {
        return counts(ask, waiting.second);
      })) {
    return std::nullopt;
  }
  asks_ = ask;
  open_asks_.insert(ask);
  extend_held();
  return ask;
}

void Connection::release(std::uint64_t ask) {
  extend_held();
  open_asks_.erase(ask);
  if (open_asks_.empty()) loop_.cancel(hold_timer_);
}

void Connection::extend_held() {
  Duration shortest = jsonrpc::Deadline::never;
  for (const auto& [id, entry] : waiting_) {
    if (!counts(*open_asks_.begin(), entry)) continue;
    peer_.extend(id);
    shortest = std::min(shortest, entry.waiting.deadline.timeout);
  }
  // New calls may come while the server is being answered: look again soon enough for them too.
  loop_.cancel(hold_timer_);
  hold_timer_ = loop_.schedule(std::min<Duration>(shortest, options_.call_timeout) / 2,
                               [this] { extend_held(); });
}

void Connection::count_refused_ask() {
  std::vector<jsonrpc::Id> failed;
  for (auto& [id, entry] : waiting_) {
    if (++entry.refused_asks > options_.limits.asks_per_call) failed.push_back(id);
  }
  const std::string why = "the server asks without end: at most " +
                          std::to_string(options_.limits.asks_per_call) +
                          " of its requests are answered during one call "
                          "(ClientLimits::asks_per_call)";
  for (const jsonrpc::Id& id : failed) fail_waiting(id, {NoReply::Why::asked_too_often, why});
}

void Connection::ended(jsonrpc::CallEnd end) {
  auto found = waiting_.find(end.id);
  if (found == waiting_.end()) return;  // forgotten, or never sent
  auto on_reply = std::move(found->second.waiting.on_reply);
  const std::string skipped = std::move(found->second.skipped);
  waiting_.erase(found);
  auto* error = std::get_if<jsonrpc::ErrorObject>(&end.outcome);
  if (end.why == jsonrpc::CallEnd::Why::timed_out) {
    remember(end.id);
    if (requests_ != nullptr) requests_->abandon(end.id);
    on_reply(NoReply{NoReply::Why::timed_out, error->message + skipped});
  } else if (end.why != jsonrpc::CallEnd::Why::answered) {
    on_reply(NoReply{NoReply::Why::lost, error->message});
  } else if (error != nullptr) {
    on_reply(std::move(*error));
  } else {
    on_reply(std::move(std::get<Json>(end.outcome)));
  }
}

// --- What comes in ---

void Connection::retire() {
  retired_ = true;
  auto waiting = std::exchange(waiting_, {});
  for (auto& [id, entry] : waiting) peer_.cancel(id);
  transport_->close();
}

void Connection::message(std::string_view bytes) {
  if (retired_) return;
  jsonrpc::Incoming incoming = decoder_.decode(bytes);
  if (auto* one = std::get_if<jsonrpc::Message>(&incoming)) {
    accept(jsonrpc::BatchItem(std::move(*one)), false);
  } else if (auto* refusal = std::get_if<jsonrpc::Refusal>(&incoming)) {
    refuse_unreadable(std::move(*refusal), bytes);
  } else if (revision_ && allows_batch(*revision_)) {
    for (jsonrpc::BatchItem& item : std::get<jsonrpc::Batch>(incoming).items) {
      accept(std::move(item), true);
    }
  } else {
    owner_.violation("a batch came, and the negotiated revision has none; ignored");
    answer_unreadable({error_code::invalid_request,
                       "this revision has no batches: send each message by itself", nullptr});
  }
}

// The whole message could not be read.
void Connection::refuse_unreadable(jsonrpc::Refusal refusal, std::string_view bytes) {
  const std::size_t limit = options_.limits.codec.message_bytes;
  if (!refusal.id && refusal.error.code == error_code::parse_error) {
    refusal.id = id_of_answer(bytes);
    refusal.of_response = refusal.id.has_value();
  }
  if (bytes.size() > limit) {
    const std::string what = "a message of " + std::to_string(bytes.size()) +
                             " bytes came; at most " + std::to_string(limit) +
                             " are taken (ClientLimits::codec.message_bytes)";
    if (refusal.id && fail_waiting(*refusal.id, {NoReply::Why::too_long, what})) return;
    owner_.violation(what + "; it was skipped");
    note_skipped(what);
    return;
  }
  refusal.error.message += " (" + excerpt(bytes) + ")";
  const auto first = bytes.find_first_not_of(" \t");
  refuse(refusal, first != std::string_view::npos && bytes[first] == '[' &&
                      refusal.error.code == error_code::invalid_request);
}

void Connection::oversized(std::size_t limit_bytes) {
  if (retired_) return;
  const std::string what = "a message longer than " + std::to_string(limit_bytes) +
                           " bytes came (the limit of the transport)";
  owner_.violation(what + "; it was skipped");
  note_skipped(what);
}

// Nobody knows whose answer it was: everybody who waits is told, should time run out.
void Connection::note_skipped(const std::string& what) {
  for (auto& [id, entry] : waiting_) {
    entry.skipped = "; meanwhile " + what + " and was skipped: it may have been the answer";
  }
}

void Connection::message_for(const jsonrpc::Id& id, std::string_view bytes) {
  exchange_ = id;
  message(bytes);
  exchange_.reset();
}

void Connection::failed(const jsonrpc::Id& id, const RequestFailure& failure) {
  auto found = waiting_.find(id);
  if (retired_ || found == waiting_.end()) return;
  using Kind = RequestFailure::Kind;
  using Why = NoReply::Why;
  auto on_reply = std::move(found->second.waiting.on_reply);
  forget(id);
  if (failure.error) return on_reply(*failure.error);
  Why why = failure.kind == Kind::not_sent   ? Why::not_sent
            : failure.kind == Kind::refused  ? Why::refused
            : failure.kind == Kind::not_run  ? Why::not_run
            : failure.kind == Kind::lost     ? Why::exchange_lost
            : failure.kind == Kind::too_long ? Why::too_long
                                             : Why::garbled;
  on_reply(NoReply{why, failure.text, failure.status});
}

void Connection::set_revision(Revision revision) {
  revision_ = revision;
  if (requests_ != nullptr) requests_->set_revision(revision);
}

void Connection::closed(const std::string& reason) {
  // A retired connection has none left, and the ids that are open belong to its successor.
  if (!retired_) peer_.fail_all({error_code::internal_error, reason, nullptr});
  owner_.disconnected(*this, reason);
}

void Connection::accept(jsonrpc::BatchItem item, bool in_batch) {
  if (retired_) return;  // in the middle of a batch
  if (auto* refusal = std::get_if<jsonrpc::Refusal>(&item)) {
    refuse(*refusal, in_batch);
    return;
  }
  auto& message = std::get<jsonrpc::Message>(item);
  for (auto it = options_.middleware.rbegin(); it != options_.middleware.rend(); ++it) {
    if (it->incoming && !it->incoming(message)) return;
  }
  if (auto* response = std::get_if<jsonrpc::Response>(&message)) {
    accept(std::move(*response));
  } else if (auto* request = std::get_if<jsonrpc::Request>(&message)) {
    owner_.received(std::move(*request));
  } else {
    auto& notification = std::get<jsonrpc::Notification>(message);
    if (notification.method == method::progress) accept_progress(notification.params);
    owner_.received(std::move(notification));
  }
}

void Connection::accept(jsonrpc::Response response) {
  if (!response.id && exchange_ && response.is_error()) response.id = exchange_;
  if (!response.id) {
    const auto* error = std::get_if<jsonrpc::ErrorObject>(&response.outcome);
    owner_.violation("an error without id came: " + (error ? error->message : std::string()));
    return;
  }
  jsonrpc::Id id = *response.id;
  if (exchange_ && id != *exchange_) {
    owner_.violation("an answer to " + jsonrpc::encode_value(id.to_json()) +
                     " came on the exchange of " + jsonrpc::encode_value(exchange_->to_json()) +
                     "; ignored");
  } else if (waiting_.contains(id)) {
    peer_.complete(std::move(response));
  } else if (std::find(forgotten_.begin(), forgotten_.end(), id) == forgotten_.end()) {
    owner_.violation("an answer to " + jsonrpc::encode_value(id.to_json()) +
                     " came, which nobody waits for; ignored");
  }
}

void Connection::accept_progress(const Json& params) {
  ProgressParams progress;
  try {
    progress = from_json<ProgressParams>(params);
  } catch (const Malformed& malformed) {
    owner_.violation(std::string("malformed progress: ") + malformed.what());
    return;
  }
  auto token = jsonrpc::Id::from_json(progress.progress_token);
  auto found = token ? waiting_.find(*token) : waiting_.end();
  if (found == waiting_.end()) return;
  Entry& entry = found->second;
  // It must grow: what does not is no progress, and keeps nothing alive.
  if (entry.progress && !(progress.progress > *entry.progress)) return;
  entry.progress = progress.progress;
  // Only a call that asked for progress carries its token: nothing else may keep a call alive.
  if (auto on_progress = entry.waiting.on_progress) {
    peer_.extend(*token);
    on_progress({progress.progress, progress.total, progress.message});
  }
}

bool Connection::fail_waiting(const jsonrpc::Id& id, NoReply reason) {
  auto found = waiting_.find(id);
  if (found == waiting_.end()) return false;
  auto on_reply = std::move(found->second.waiting.on_reply);
  forget(id);
  on_reply(std::move(reason));
  return true;
}

void Connection::answer_unreadable(const jsonrpc::ErrorObject& error) {
  if (may_respond()) respond({std::nullopt, error, !omits_unreadable_id(*revision_)});
}

void Connection::refuse(const jsonrpc::Refusal& refusal, bool of_batch) {
  if (refusal.of_response && refusal.id &&
      fail_waiting(*refusal.id, {NoReply::Why::garbled, refusal.error.message})) {
    return;
  }
  owner_.violation("what came is no message: " + refusal.error.message);
  if (refusal.of_response) return;
  if (refusal.id) {
    if (may_respond()) respond({refusal.id, refusal.error});
  } else if (of_batch) {
    answer_unreadable(refusal.error);
  }  // else most likely a stray print: an answer would confuse more than help
}

}  // namespace mcp::client
