#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <mcp/protocol/notification.h>
#include <mcp/server/call.h>

namespace mcp::server {

/// Who sends a request of the stateless era (from 2026-07-28), as its own `_meta` says. Throws
/// Error in the order of the specification: `_meta` without version or capabilities, then a
/// version that is not spoken statelessly.
Caller stateless_caller(const Json& params);

/// Answers `server/discover`.
Json discover(Core& core, Revision revision);

/// The open `subscriptions/listen` requests of one connection. Loop only.
class Subscriptions {
 public:
  explicit Subscriptions(Core& core) : core_(core) {}

  bool contains(const jsonrpc::Id& id) const { return listeners_.contains(id); }
  std::size_t size() const { return listeners_.size(); }

  /// Opens one and acknowledges it on `outlet`. Throws Error, also when the acknowledgement does
  /// not go out.
  void open(const jsonrpc::Id& id, const Json& params, const Caller& caller, const Tasks& tasks,
            std::shared_ptr<Outlet> outlet, Charge charge);
  /// The client has cancelled it: nothing more is said.
  void forget(const jsonrpc::Id& id) { listeners_.erase(id); }
  void forget_all() { std::exchange(listeners_, {}).clear(); }
  void publish(const Change& change);
  /// Ends all of them with their result, as the server's own decision.
  void close_all();

 private:
  struct Listener {
    SubscriptionFilter filter;
    Revision revision;
    std::shared_ptr<Outlet> outlet;
    Charge charge;
    std::vector<std::shared_ptr<const void>> watches = {};
  };

  /// False when it did not go out.
  bool send(const jsonrpc::Id& id, const Listener& listener, const std::string& method,
            Json params);

  Core& core_;
  std::map<jsonrpc::Id, Listener> listeners_;
};

}  // namespace mcp::server
