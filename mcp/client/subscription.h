#pragma once

#include <functional>
#include <memory>
#include <string>
#include <variant>

#include <mcp/client/call.h>
#include <mcp/protocol/notification.h>

namespace mcp {

enum class ListKind { tools, prompts, resources };

struct ListChanged {
  ListKind list;
};
struct ResourceUpdated {
  std::string uri;
};
/// The server ended the subscription; nothing follows.
struct SubscriptionEnded {
  std::string reason;
};
/// The server was restarted and subscribed anew: changes may have been missed.
struct SubscriptionRenewed {};

using Change = std::variant<ListChanged, ResourceUpdated, SubscriptionEnded, SubscriptionRenewed>;

namespace client {
class Core;
}

/// A standing wish to hear of changes, the same in both eras. Destroying it (any thread) takes the
/// wish back. Survives restarts of the server. May outlive the client.
class Subscription {
 public:
  Subscription() = default;
  Subscription(std::weak_ptr<client::Core> core, Loop& loop, std::uint64_t key,
               SubscriptionFilter honored);
  ~Subscription();
  Subscription(Subscription&& other) noexcept;
  Subscription& operator=(Subscription&& other) noexcept;

  /// What the server agreed to tell, at first. Compare it with what was asked.
  const SubscriptionFilter& honored() const { return honored_; }
  /// Takes the wish back now.
  void end();

 private:
  std::weak_ptr<client::Core> core_;
  Loop* loop_ = nullptr;
  std::uint64_t key_ = 0;
  SubscriptionFilter honored_;
};

}  // namespace mcp
