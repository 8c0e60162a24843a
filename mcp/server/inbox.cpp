#include <mcp/server/inbox.h>

#include <new>
#include <utility>

namespace mcp::server {
namespace {

/// What a waiting message takes beside its bytes, the allocator's share included.
constexpr std::size_t waiting_bytes = 256;

}  // namespace

void Inbox::receive(std::string_view bytes, Arrival arrival, const std::weak_ptr<void>& owner) {
  const bool at_once = bytes.size() <= Gate::small_bytes && empty();
  if (at_once) {
    deliver(gate_.take(bytes), arrival);
  } else if (wait(bytes, arrival)) {
    go_on(owner);
  } else {
    deliver(gate_.take_without_room(bytes), arrival);
  }
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

bool Inbox::wait(std::string_view bytes, const Arrival& arrival) {
  try {
    if (Charge charge = core_.charge(bytes.size() + waiting_bytes)) {
      waiting_.push_back({std::string(bytes), arrival, std::move(charge)});
      return true;
    }
  } catch (const std::bad_alloc&) {
    // As if there were no room.
  }
  if (!std::exchange(full_, true))
    core_.log(LogSeverity::warning,
              "there is no room for more messages in flight: requests are refused, and what else "
              "comes is taken before its turn");
  return false;
}

void Inbox::go_on(const std::weak_ptr<void>& owner) {
  while (!decoding_ && !waiting_.empty()) {
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    if (next.bytes.size() <= Gate::small_bytes) {
      deliver(gate_.take(next.bytes), next.arrival);
    } else if (!decode_aside(next, owner)) {
      deliver(Gate::unread(), next.arrival);
    }
  }
  if (empty()) full_ = false;
}

bool Inbox::decode_aside(Waiting& next, const std::weak_ptr<void>& owner) {
  decoding_ = true;
  try {
    // Only the loop may hold the owner: the last one to let go destroys it.
    gate_.take_aside(std::move(next.bytes), std::move(next.charge),
                     [this, owner, arrival = next.arrival](Taken taken) mutable {
                       const auto alive = owner.lock();
                       if (!alive) return;
                       decoding_ = false;
                       deliver(std::move(taken), arrival);
                       go_on(owner);
                       if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
                     });
  } catch (const std::bad_alloc&) {
    decoding_ = false;
  }
  return decoding_;
}

void Inbox::deliver(Taken taken, Arrival& arrival) {
  try {
    if (!closed_) deliver_(std::move(taken), arrival);
  } catch (...) {
    // What comes behind is delivered first; then the loop reports it.
    if (!failure_) failure_ = std::current_exception();
  }
}

void Inbox::close() {
  closed_ = true;
  waiting_.clear();
}

}  // namespace mcp::server
