#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include <mcp/base/runtime.h>
#include <mcp/client/subscription.h>
#include <mcp/jsonrpc/message.h>

namespace mcp::client {

class Core;

/// What callers want to hear of. Stateless era: a `subscriptions/listen` each, named by its request
/// id. Session era: `resources/subscribe` once a URI, and list changes as the server declares them.
/// On the loop.
class Subscriptions {
 public:
  using Ready = Callback<SubscriptionFilter>;
  using OnChange = std::function<void(const Change&)>;

  explicit Subscriptions(Core& core) : core_(core) {}

  /// `ready` receives what the server agreed to; the key is for `remove`.
  std::uint64_t add(SubscriptionFilter filter, OnChange on_change, Duration timeout, Ready ready);
  void remove(std::uint64_t key);
  bool empty() const { return entries_.empty(); }

  /// A server is there: subscribe what is not yet, or not any more.
  void server_ready();
  void server_lost();
  /// There is no server: whoever waits is told. `for_good`: everything ends.
  void give_up(const CallError& error, bool for_good);
  /// Everything but progress and log messages; those that are none of ours are ignored.
  void received(const jsonrpc::Notification& notification);

 private:
  struct Entry {
    SubscriptionFilter wanted;
    SubscriptionFilter honored = {};
    OnChange on_change;
    Duration timeout;
    Ready ready;           ///< until the first agreement
    bool started = false;  ///< on this connection
    bool active = false;   ///< agreed, on this connection
    std::optional<jsonrpc::Id> listen = {};
    std::size_t failures = 0;    ///< in a row, of the stream of `listen`
    std::size_t unanswered = 0;  ///< subscribe requests
    Loop::TimerId timer = Loop::TimerId::none;
  };

  void start(std::uint64_t key);
  void listen(std::uint64_t key);
  void listen_again(std::uint64_t key);
  void subscribe_resources(std::uint64_t key);
  void agreed(std::uint64_t key, SubscriptionFilter honored);
  void failed(std::uint64_t key, const CallError& error);
  void acknowledged(const Json& params);
  void change(const Change& change, const Json& params);
  static bool covers(const SubscriptionFilter& filter, const Change& change);
  std::map<std::uint64_t, Entry>::iterator by_listen(const jsonrpc::Id& id);

  Core& core_;
  std::uint64_t last_key_ = 0;
  std::map<std::uint64_t, Entry> entries_;
  std::map<std::string, std::size_t> subscribed_;  ///< session era: URI -> how many want it
};

}  // namespace mcp::client
