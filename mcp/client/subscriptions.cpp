#include <mcp/client/subscriptions.h>

#include <algorithm>
#include <utility>

#include <mcp/client/core.h>
#include <mcp/protocol/method.h>
#include <mcp/protocol/resource.h>

namespace mcp::client {
namespace {

/// Between attempts to listen again after the stream broke; doubled each time.
constexpr auto first_wait = std::chrono::milliseconds(500);
constexpr auto longest_wait = std::chrono::seconds(30);

/// What is in both.
SubscriptionFilter common(const SubscriptionFilter& a, const SubscriptionFilter& b) {
  SubscriptionFilter both{
      .tools_list_changed = a.tools_list_changed && b.tools_list_changed,
      .prompts_list_changed = a.prompts_list_changed && b.prompts_list_changed,
      .resources_list_changed = a.resources_list_changed && b.resources_list_changed};
  auto intersect = [](const auto& x, const auto& y, auto& out) {
    std::copy_if(x.begin(), x.end(), std::back_inserter(out), [&](const std::string& text) {
      return std::find(y.begin(), y.end(), text) != y.end();
    });
  };
  intersect(a.resource_subscriptions, b.resource_subscriptions, both.resource_subscriptions);
  intersect(a.task_ids, b.task_ids, both.task_ids);
  return both;
}

}  // namespace

std::uint64_t Subscriptions::add(SubscriptionFilter filter, OnChange on_change, Duration timeout,
                                 Ready ready) {
  std::uint64_t key = ++last_key_;
  entries_.emplace(key, Entry{.wanted = std::move(filter),
                              .on_change = std::move(on_change),
                              .timeout = timeout,
                              .ready = std::move(ready)});
  return key;
}

void Subscriptions::remove(std::uint64_t key) {
  auto node = entries_.extract(key);
  if (node.empty()) return;
  Entry& entry = node.mapped();
  core_.loop().cancel(entry.timer);
  if (!entry.started) return;
  if (entry.listen) {
    core_.connection().forget(*entry.listen);
    core_.connection().cancel(*entry.listen, "unsubscribed");
    return;
  }
  for (const std::string& uri : entry.honored.resource_subscriptions) {
    auto wanted = subscribed_.find(uri);
    if (wanted == subscribed_.end() || --wanted->second > 0) continue;
    subscribed_.erase(wanted);
    core_.request(
        method::resources_unsubscribe,
        [uri](Revision revision) { return to_json(ResourceParams{uri}, revision); }, {},
        [](const Outcome<Json>&) {});
  }
}

void Subscriptions::server_ready() {
  std::vector<std::uint64_t> keys;
  for (const auto& [key, entry] : entries_) {
    if (!entry.started) keys.push_back(key);
  }
  for (std::uint64_t key : keys) {
    if (entries_.contains(key)) start(key);
  }
}

void Subscriptions::server_lost() {
  subscribed_.clear();
  for (auto& [key, entry] : entries_) {
    core_.loop().cancel(entry.timer);
    entry.started = entry.active = false;
    entry.listen.reset();
  }
}

void Subscriptions::give_up(const CallError& error, bool for_good) {
  std::vector<std::uint64_t> keys;
  for (const auto& [key, entry] : entries_) {
    if (for_good || entry.ready) keys.push_back(key);
  }
  for (std::uint64_t key : keys) failed(key, error);
}

void Subscriptions::start(std::uint64_t key) {
  entries_.at(key).started = true;
  if (has_stateless_methods(core_.server().revision)) {
    listen(key);
  } else {
    subscribe_resources(key);
  }
}

// Nobody waits for it any more: it ends, with the error as its last word.
void Subscriptions::failed(std::uint64_t key, const CallError& error) {
  auto node = entries_.extract(key);
  if (node.empty()) return;
  Entry& entry = node.mapped();
  core_.loop().cancel(entry.timer);
  if (entry.ready) return entry.ready(error);
  entry.on_change(SubscriptionEnded{error.what()});
}

void Subscriptions::agreed(std::uint64_t key, SubscriptionFilter honored) {
  Entry& entry = entries_.at(key);
  core_.loop().cancel(entry.timer);
  entry.honored = std::move(honored);
  entry.active = true;
  entry.failures = 0;
  if (auto ready = std::exchange(entry.ready, nullptr)) {
    ready(entry.honored);
  } else {
    auto on_change = entry.on_change;
    on_change(SubscriptionRenewed{});
  }
}

// --- Stateless era ---

void Subscriptions::listen(std::uint64_t key) {
  Entry& entry = entries_.at(key);
  Revision revision = core_.server().revision;
  auto on_reply = [this, key](Reply reply) {
    auto found = entries_.find(key);
    if (found == entries_.end()) return;
    found->second.listen.reset();
    if (auto* error = std::get_if<jsonrpc::ErrorObject>(&reply)) {
      failed(key, CallError(CallError::Kind::answered, error->message, error->code, error->data));
    } else if (std::holds_alternative<Json>(reply)) {
      failed(key, CallError(CallError::Kind::answered, "the server ended the subscription"));
    } else if (auto& none = std::get<NoReply>(reply);
               none.why == NoReply::Why::exchange_lost || none.why == NoReply::Why::not_sent) {
      listen_again(key);
    } else if (none.why != NoReply::Why::lost && none.why != NoReply::Why::not_run) {
      failed(key, CallError(none.why == NoReply::Why::too_long ? CallError::Kind::limit
                                                               : CallError::Kind::invalid_result,
                            none.text));
    }  // lost: `server_lost` follows
  };
  try {
    entry.listen = core_.connection().send(
        method::subscriptions_listen,
        [&](const jsonrpc::Id&) {
          Json params = to_json(SubscriptionParams{.notifications = entry.wanted}, revision);
          add_request_meta(params, request_meta(core_.options(), revision), revision);
          return params;
        },
        {std::move(on_reply)});
  } catch (const Error& error) {
    return failed(key, CallError(CallError::Kind::refused, error.what(), error.code()));
  }
  if (!entry.listen) {
    return failed(key, CallError(CallError::Kind::limit, "subscriptions/listen was not sent"));
  }
  entry.timer = core_.loop().schedule(entry.timeout, [this, key] {
    auto found = entries_.find(key);
    if (found == entries_.end() || found->second.active || !found->second.listen) return;
    jsonrpc::Id id = *found->second.listen;
    core_.connection().forget(id);
    core_.connection().cancel(id, "not acknowledged");
    failed(key, CallError(CallError::Kind::timed_out, "the server did not acknowledge in time"));
  });
}

// Its stream broke, and the connection goes on without it.
void Subscriptions::listen_again(std::uint64_t key) {
  Entry& entry = entries_.at(key);
  core_.loop().cancel(entry.timer);
  entry.active = false;
  Duration wait = first_wait;
  for (std::size_t i = 0; i < entry.failures && wait < longest_wait; ++i) wait *= 2;
  ++entry.failures;
  entry.timer = core_.loop().schedule(std::min<Duration>(wait, longest_wait), [this, key] {
    auto found = entries_.find(key);
    if (found != entries_.end() && found->second.started && !found->second.listen) listen(key);
  });
}

std::map<std::uint64_t, Subscriptions::Entry>::iterator Subscriptions::by_listen(
    const jsonrpc::Id& id) {
  return std::find_if(entries_.begin(), entries_.end(),
                      [&](const auto& entry) { return entry.second.listen == id; });
}

void Subscriptions::acknowledged(const Json& params) {
  auto ack = from_json<SubscriptionParams>(params);
  auto id = jsonrpc::Id::from_json(meta_of(params).is_object()
                                       ? meta_of(params).value(meta_key::subscription_id, Json())
                                       : Json());
  auto found = id ? by_listen(*id) : entries_.end();
  if (found == entries_.end() || found->second.active) {
    core_.violation("an acknowledgement came for a subscription that does not wait for one");
    return;
  }
  agreed(found->first, common(found->second.wanted, ack.notifications));
}

// --- Session era ---

void Subscriptions::subscribe_resources(std::uint64_t key) {
  Entry& entry = entries_.at(key);
  const ServerCapabilities& can = core_.server().capabilities;
  // What the server declares it tells without being asked, all but single resources.
  SubscriptionFilter declared{
      .tools_list_changed = can.tools && can.tools->list_changed,
      .prompts_list_changed = can.prompts && can.prompts->list_changed,
      .resources_list_changed = can.resources && can.resources->list_changed};
  auto honored = std::make_shared<SubscriptionFilter>(common(entry.wanted, declared));
  if (!can.resources || !can.resources->subscribe || entry.wanted.resource_subscriptions.empty()) {
    return agreed(key, *honored);
  }
  entry.unanswered = entry.wanted.resource_subscriptions.size();
  std::vector<std::string> uris = entry.wanted.resource_subscriptions;
  CallOptions options;
  options.timeout = entry.timeout;
  for (const std::string& uri : uris) {
    // Twice is harmless, and each caller learns whether the server takes it.
    ++subscribed_[uri];
    core_.request(
        method::resources_subscribe,
        [uri](Revision revision) { return to_json(ResourceParams{uri}, revision); }, options,
        [this, key, uri, honored](const Outcome<Json>& result) {
          auto found = entries_.find(key);
          if (found == entries_.end() || !found->second.started) return;
          if (!result.ok() && result.error().kind() == CallError::Kind::outcome_unknown) {
            return;  // the server was lost: `server_lost` follows
          }
          if (result.ok()) {
            honored->resource_subscriptions.push_back(uri);
          } else if (auto count = subscribed_.find(uri);
                     count != subscribed_.end() && --count->second == 0) {
            subscribed_.erase(count);
          }
          if (--found->second.unanswered == 0) agreed(key, *honored);
        });
    if (!entries_.contains(key)) return;
  }
}

// --- Changes ---

bool Subscriptions::covers(const SubscriptionFilter& filter, const Change& change) {
  if (const auto* list = std::get_if<ListChanged>(&change)) {
    switch (list->list) {
      case ListKind::tools:
        return filter.tools_list_changed;
      case ListKind::prompts:
        return filter.prompts_list_changed;
      case ListKind::resources:
        return filter.resources_list_changed;
    }
  }
  // A server may name a part of what was subscribed to.
  const auto& uri = std::get<ResourceUpdated>(change).uri;
  return std::any_of(filter.resource_subscriptions.begin(), filter.resource_subscriptions.end(),
                     [&](const std::string& wanted) { return uri.starts_with(wanted); });
}

void Subscriptions::received(const jsonrpc::Notification& notification) {
  const std::string& name = notification.method;
  const Json& params = notification.params;
  if (name == method::tools_list_changed) {
    change(ListChanged{ListKind::tools}, params);
  } else if (name == method::prompts_list_changed) {
    change(ListChanged{ListKind::prompts}, params);
  } else if (name == method::resources_list_changed) {
    change(ListChanged{ListKind::resources}, params);
  } else if (name == method::resources_updated) {
    change(ResourceUpdated{from_json<ResourceUpdatedParams>(params).uri}, params);
  } else if (name == method::subscriptions_acknowledged) {
    acknowledged(params);
  } else if (name == method::cancelled) {
    auto id = jsonrpc::Id::from_json(from_json<CancelledParams>(params).request_id);
    auto found = id ? by_listen(*id) : entries_.end();
    if (found == entries_.end()) return;
    core_.connection().forget(*id);  // the completion result that follows says no more
    failed(found->first, CallError(CallError::Kind::answered, "the server ended the subscription"));
  }
}

void Subscriptions::change(const Change& change, const Json& params) {
  if (has_stateless_methods(core_.server().revision)) {
    Json stated = meta_of(params).is_object()
                      ? meta_of(params).value(meta_key::subscription_id, Json())
                      : Json();
    auto id = jsonrpc::Id::from_json(stated);
    auto found = id ? by_listen(*id) : entries_.end();
    if (found == entries_.end() || !found->second.active ||
        !covers(found->second.honored, change)) {
      core_.violation("a change came that no subscription covers; ignored");
      return;
    }
    auto on_change = found->second.on_change;
    on_change(change);
    return;
  }
  std::vector<OnChange> listeners;
  for (const auto& [key, entry] : entries_) {
    if (entry.active && covers(entry.honored, change)) listeners.push_back(entry.on_change);
  }
  for (const OnChange& on_change : listeners) on_change(change);
}

}  // namespace mcp::client

// --- The handle ---

namespace mcp {

Subscription::Subscription(std::weak_ptr<client::Core> core, Loop& loop, std::uint64_t key,
                           SubscriptionFilter honored)
    : core_(std::move(core)), loop_(&loop), key_(key), honored_(std::move(honored)) {}

Subscription::~Subscription() {
  end();
}

Subscription::Subscription(Subscription&& other) noexcept
    : core_(std::exchange(other.core_, {})),
      loop_(other.loop_),
      key_(other.key_),
      honored_(std::move(other.honored_)) {}

Subscription& Subscription::operator=(Subscription&& other) noexcept {
  if (this != &other) {
    end();
    core_ = std::exchange(other.core_, {});
    loop_ = other.loop_;
    key_ = other.key_;
    honored_ = std::move(other.honored_);
  }
  return *this;
}

void Subscription::end() {
  if (auto core = std::exchange(core_, {}).lock()) {
    loop_->post([core, key = key_] { core->unsubscribe(key); });
  }
}

}  // namespace mcp
