#pragma once

#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <mcp/server/call_rate.h>
#include <mcp/server/gate.h>
#include <mcp/server/outlet.h>

namespace mcp::server {

/// How a message came in.
struct Arrival {
  std::shared_ptr<Outlet> outlet = {};  ///< for its answers; none: the connection's own
  std::string principal = {};           ///< who sent it, as the transport authenticated it
  /// Whom tool calls count for (the principal, else the address), and how many there may be; none:
  /// any number.
  std::string caller = {};
  std::shared_ptr<CallRate> rate = {};
};

/// What one connection was sent, in the order of arrival, although large messages are decoded
/// aside: what comes behind one waits for it. Only when the room for messages in flight is used up,
/// what could not wait is delivered before its turn, without a charge: a request is refused then,
/// but a cancellation, an answer or a ping is heard. Loop only.
class Inbox {
 public:
  using Deliver = std::function<void(Taken, Arrival&)>;

  Inbox(Gate& gate, Core& core, Deliver deliver)
      : gate_(gate), core_(core), deliver_(std::move(deliver)) {}

  /// `owner` holds the inbox; what comes back later asks whether it still does.
  void receive(std::string_view bytes, Arrival arrival, const std::weak_ptr<void>& owner);
  /// Whether everything was delivered.
  bool empty() const { return !decoding_ && waiting_.empty(); }
  /// Delivers nothing more.
  void close();

 private:
  struct Waiting {
    std::string bytes;
    Arrival arrival;
    Charge charge;
  };

  bool wait(std::string_view bytes, const Arrival& arrival);
  void go_on(const std::weak_ptr<void>& owner);
  bool decode_aside(Waiting& next, const std::weak_ptr<void>& owner);
  void deliver(Taken taken, Arrival& arrival);

  Gate& gate_;
  Core& core_;
  const Deliver deliver_;
  std::deque<Waiting> waiting_;  ///< behind the one that is decoded aside
  bool decoding_ = false;
  bool closed_ = false;
  bool full_ = false;  ///< the log says so
  std::exception_ptr failure_;
};

}  // namespace mcp::server
