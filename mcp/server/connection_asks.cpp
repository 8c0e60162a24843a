#include <algorithm>
#include <utility>

#include <mcp/base/json_memory.h>
#include <mcp/protocol/method.h>
#include <mcp/protocol/notification.h>
#include <mcp/server/call_era.h>
#include <mcp/server/connection.h>
#include <mcp/server/error_answer.h>

// What a connection asks its client while a call waits: questions of the session era, and pages
// that the user visits.

namespace mcp::server {
namespace {

constexpr std::size_t max_remembered_elicitations = 1024;
constexpr std::size_t max_remembered_roots = std::size_t{256} << 10U;

}  // namespace

void Connection::ask(const std::shared_ptr<Call>& call, std::vector<Ask> asks) {
  if (finished_) {  // nobody is left to answer
    drop(*call);
    return;
  }
  for (Ask& one : asks) {
    if (one.method == method::roots_list && roots_) {
      call->round.answers[one.key] = {call->round.asked[one.key], roots_->answer};
      call->round.asked.erase(one.key);
      continue;
    }
    const Ask about{one.key, one.method, nullptr};
    const auto id = peer_.open(
        [this, weak = std::weak_ptr(call), about, changes = roots_changes_](jsonrpc::CallEnd end) {
          const auto* answer = std::get_if<Json>(&end.outcome);
          if (answer != nullptr && about.method == method::roots_list && changes == roots_changes_)
            remember_roots(*answer);
          if (const auto parked = weak.lock()) answered(parked, about, std::move(end));
        },
        {.timeout = core_.options().ask_timeout});
    if (!id) {
      call->round.answers[one.key] = {call->round.asked[one.key], nullptr,
                                      to_object(overloaded("too many questions are open"))};
      continue;
    }
    call->open_asks.insert(*id);
    if (const auto elicitation = one.params.find("elicitationId"); elicitation != one.params.end())
      remember_elicitation(elicitation->get<std::string>());
    call->outlet->send(
        {Outbound::Kind::request,
         jsonrpc::encode(jsonrpc::Request{*id, std::move(one.method), std::move(one.params)})});
  }
  if (call->open_asks.empty()) run(call);
}

void Connection::answered(const std::shared_ptr<Call>& call, const Ask& ask, jsonrpc::CallEnd end) {
  using Why = jsonrpc::CallEnd::Why;
  if (end.why == Why::cancelled || end.why == Why::failed) return;  // with the call itself
  RecordedAnswer& recorded = call->round.answers[ask.key];
  recorded = {call->round.asked[ask.key], nullptr};
  call->round.asked.erase(ask.key);
  call->open_asks.erase(end.id);
  if (end.why == Why::timed_out) {
    notify(
        *call->outlet, method::cancelled,
        to_json(CancelledParams{.request_id = end.id.to_json(), .reason = "not answered in time"},
                call->revision()));
  }
  if (auto* answer = std::get_if<Json>(&end.outcome)) {
    // Held as long as the call.
    if (Charge charge = core_.charge(held_bytes(*answer))) {
      call->charges.push_back(std::move(charge));
      recorded.value = std::move(*answer);
    } else {
      recorded.error = to_object(overloaded("too many messages are in flight"));
      mcp::release(*answer);
    }
  } else if (end.why == Why::timed_out && ask.method == method::elicitation_create) {
    recorded.value = {{"action", "cancel"}};
  } else {
    recorded.error = std::get<jsonrpc::ErrorObject>(std::move(end.outcome));
  }
  if (call->open_asks.empty()) run(call);
}

// Only a client that tells of changes is taken at its word for longer than a call.
void Connection::remember_roots(const Json& answer) {
  if (!session_.tells_of_roots()) return;
  const std::size_t bytes = 2 * held_bytes(answer);
  if (bytes > max_remembered_roots) return;
  Charge charge = core_.charge(bytes);
  if (!charge) return;
  try {
    auto roots =
        std::make_shared<const std::vector<Root>>(from_json<ListRootsResult>(answer).roots);
    roots_ = KnownRoots{answer, std::move(roots), std::move(charge)};
  } catch (const Malformed&) {
    // The call that asked says so.
  }
}

// --- Pages that the user visits ---

// A page is done when its author says so (`Server::complete`), or when a look at his store shows
// it.
void Connection::wait(const std::shared_ptr<Call>& call, const std::string& elicitation) {
  const auto [total, look] = call_era(*call).page_wait(core_.options());
  const TimePoint now = runtime_.loop().now();
  if (!call->waits_since) call->waits_since = now;
  const TimePoint end = *call->waits_since + total;
  if (finished_ || now >= end) {
    call->waits_since.reset();
    call->url_wait_over = true;
    run(call);
  } else if (call->completed.erase(elicitation) != 0) {
    run(call);
  } else {
    call->waits_for = elicitation;
    const Duration delay = std::min(look, end - now);
    call->wait_timer = runtime_.loop().schedule(delay, [weak = weak_from_this(), call] {
      const auto self = weak.lock();
      if (!self || !self->is_in_flight(*call)) return;
      call->waits_for.clear();
      self->run(call);
    });
  }
}

void Connection::elicitation_completed(const std::string& id) {
  for (const auto& [call_id, call] : calls_) {
    if (call->waits_for == id) {
      runtime_.loop().cancel(std::exchange(call->wait_timer, Loop::TimerId::none));
      call->waits_for.clear();
      run(call);
    } else {
      call->completed.insert(id);
    }
  }
  if (elicitations_.erase(id) == 0 || !has_elicitation_id(session_.revision())) return;
  notify(*outlet_, method::elicitation_complete,
         to_json(ElicitationCompleteParams{id}, session_.revision()));
}

void Connection::remember_elicitation(const std::string& id) {
  if (session_.negotiated() && elicitations_.size() < max_remembered_elicitations)
    elicitations_.insert(id);
}

}  // namespace mcp::server
