#include <mcp/jsonrpc/peer.h>

#include <algorithm>
#include <string>
#include <utility>

#include <mcp/base/error.h>

namespace mcp::jsonrpc {
namespace {

// `start` + `duration`, where the largest duration means never.
TimePoint after(TimePoint start, Duration duration) {
  return duration > TimePoint::max() - start ? TimePoint::max() : start + duration;
}

ErrorObject internal(std::string message) {
  return {error_code::internal_error, std::move(message), nullptr};
}

std::string seconds_text(Duration duration) {
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  if (milliseconds % 1000 == 0) return std::to_string(milliseconds / 1000) + " s";
  return std::to_string(milliseconds) + " ms";
}

}  // namespace

Peer::Peer(Loop& loop, std::size_t max_pending) : loop_(loop), max_pending_(max_pending) {}

Peer::~Peer() {
  for (auto& [id, call] : pending_) loop_.cancel(call.timer);
}

std::optional<Id> Peer::open(Callback callback, const Deadline& deadline) {
  if (pending_.size() >= max_pending_) return std::nullopt;
  const Id id(++last_id_);
  const TimePoint now = loop_.now();
  const TimePoint latest = after(now, deadline.at_most);
  const TimePoint due = std::min(after(now, deadline.timeout), latest);
  const auto call =
      pending_.emplace(id, Pending{std::move(callback), deadline.timeout, due, latest}).first;
  watch(id, call->second);
  return id;
}

bool Peer::complete(Response response) {
  if (!response.id) return false;
  const auto call = pending_.find(*response.id);
  if (call == pending_.end()) return false;
  if (auto* error = std::get_if<ErrorObject>(&response.outcome)) {
    end(call, CallEnd::Why::answered, std::move(*error));
  } else if (auto* result = std::get_if<Json>(&response.outcome)) {
    end(call, CallEnd::Why::answered, std::move(*result));
  } else {
    end(call, CallEnd::Why::answered, Json());
  }
  return true;
}

bool Peer::cancel(const Id& id) {
  const auto call = pending_.find(id);
  if (call == pending_.end()) return false;
  end(call, CallEnd::Why::cancelled, internal("the call was cancelled"));
  return true;
}

// The timer stays as it is and looks again when it fires: progress may come very often.
bool Peer::extend(const Id& id) {
  const auto found = pending_.find(id);
  if (found == pending_.end()) return false;
  Pending& call = found->second;
  call.due = std::min(after(loop_.now(), call.timeout), call.latest);
  return true;
}

void Peer::fail_all(const ErrorObject& error) {
  Calls failed = std::exchange(pending_, {});
  for (auto& [id, call] : failed) loop_.cancel(call.timer);
  // From here on only locals: a callback may destroy this Peer.
  const ErrorObject reason = error;  // NOLINT(performance-unnecessary-copy-initialization)
  for (auto& [id, call] : failed) call.callback({id, CallEnd::Why::failed, reason});
}

void Peer::end(Calls::iterator call, CallEnd::Why why, std::variant<Json, ErrorObject> outcome) {
  // Taken out before the callback runs: it may call this Peer, or destroy it.
  const auto node = pending_.extract(call);
  loop_.cancel(node.mapped().timer);
  node.mapped().callback({node.key(), why, std::move(outcome)});
}

void Peer::watch(const Id& id, Pending& call) {
  if (call.due == TimePoint::max()) return;
  call.timer = loop_.schedule(std::max(call.due - loop_.now(), Duration::zero()),
                              [this, id] { timer_fired(id); });
}

void Peer::timer_fired(const Id& id) {
  const auto call = pending_.find(id);
  if (call == pending_.end()) return;
  if (call->second.due > loop_.now()) {
    watch(id, call->second);
    return;
  }
  const bool at_latest = call->second.due == call->second.latest;
  end(call, CallEnd::Why::timed_out,
      internal(at_latest ? "no response within the longest time that the call may take"
                         : "no response within " + seconds_text(call->second.timeout)));
}

}  // namespace mcp::jsonrpc
