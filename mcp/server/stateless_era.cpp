#include <mcp/server/stateless_era.h>

#include <algorithm>
#include <utility>

#include <mcp/base/canonical_json.h>
#include <mcp/base/digest.h>
#include <mcp/jsonrpc/codec.h>
#include <mcp/protocol/input_required.h>
#include <mcp/protocol/lifecycle.h>
#include <mcp/protocol/method.h>
#include <mcp/server/call_era.h>
#include <mcp/server/error_answer.h>
#include <mcp/server/tasks.h>
#include <mcp/server/watched.h>

namespace mcp::server {
namespace {

void require_member(const Json& meta, const char* key) {
  if (!meta.is_object() || !meta.contains(key))
    throw Malformed("/_meta", "lacks " + std::string(key) + ", which every request carries");
}

std::size_t watches(const SubscriptionFilter& filter) {
  return filter.resource_subscriptions.size() + filter.task_ids.size();
}

Error lacks_extension() {
  return Error(error_code::missing_client_capability,
               "the client does not declare the extension " + std::string(tasks_extension),
               {{"requiredCapabilities", {{"extensions", {{tasks_extension, Json::object()}}}}}});
}

}  // namespace

Caller stateless_caller(const Json& params) {
  require_member(meta_of(params), meta_key::protocol_version);
  require_member(meta_of(params), meta_key::client_capabilities);
  RequestMeta meta = read_request_meta(params);
  const std::string& version = *meta.protocol_version;
  const auto revision = parse_revision(version);
  if (!revision || era(*revision) != Era::stateless) throw unsupported_protocol_version(version);
  return {.revision = *revision,
          .client = std::make_shared<const Client>(
              Client{std::move(*meta.client_capabilities), std::move(meta.client_info)}),
          .progress_token = std::move(meta.progress_token),
          .trace = std::move(meta.trace),
          .log_level = meta.log_level};
}

Json discover(Core& core, Revision revision) {
  const DiscoverResult discovered{.supported_versions = supported_versions(),
                                  .capabilities = core.snapshot()->capabilities(),
                                  .instructions = core.options().instructions,
                                  .cache = core.options().caching.discover};
  Json result = to_json(discovered, revision);
  add_result_type(result, ResultType::complete, revision);
  add_server_info(result, core.settings->info, revision);
  return result;
}

void Subscriptions::open(const jsonrpc::Id& id, const Json& params, const Caller& caller,
                         const Tasks& tasks, std::shared_ptr<Outlet> outlet, Charge charge) {
  SubscriptionFilter filter = from_json<SubscriptionParams>(params).notifications;
  const ServerLimits& limits = core_.options().limits;
  std::size_t watched = 0;
  for (const auto& [other, listener] : listeners_) watched += watches(listener.filter);
  if (watched + watches(filter) > limits.watched_resources)
    throw too_many_watched("/notifications", limits);
  const auto check = [&](const std::vector<std::string>& all, const std::string& path) {
    for (std::size_t i = 0; i < all.size(); ++i)
      require_watchable(all[i], path + std::to_string(i), limits);
  };
  check(filter.resource_subscriptions, "/notifications/resourceSubscriptions/");
  check(filter.task_ids, "/notifications/taskIds/");
  if (!filter.task_ids.empty() && core_.snapshot()->offers_tasks() &&
      !has_tasks_extension(caller.client->capabilities))
    throw lacks_extension();
  // What this server never sends is left out of the acknowledgement.
  const ServerCapabilities offered = core_.snapshot()->capabilities();
  filter.tools_list_changed = filter.tools_list_changed && offered.tools;
  filter.prompts_list_changed = filter.prompts_list_changed && offered.prompts;
  filter.resources_list_changed = filter.resources_list_changed && offered.resources;
  if (!offered.resources) filter.resource_subscriptions.clear();
  // Of a task that has ended there is nothing to tell: its client asks for it.
  std::erase_if(filter.task_ids,
                [&](const std::string& task) { return !tasks.is_live(task, caller.principal); });
  const Revision revision = caller.revision;
  Listener listener{std::move(filter), revision, std::move(outlet), std::move(charge)};
  // It must be the first of the subscription (basic/patterns/subscriptions, "Acknowledgment"): one
  // that is lost opens nothing.
  Json acknowledged = to_json(SubscriptionParams{.notifications = listener.filter}, revision);
  if (!send(id, listener, method::subscriptions_acknowledged, std::move(acknowledged)))
    throw overloaded("the acknowledgement can't be sent: the client has not read what came before");
  for (const std::string& uri : listener.filter.resource_subscriptions)
    listener.watches.push_back(core_.watch(uri));
  listeners_.emplace(id, std::move(listener));
}

void Subscriptions::publish(const Change& change) {
  for (auto& [id, listener] : listeners_) {
    const SubscriptionFilter& filter = listener.filter;
    switch (change.what) {
      case Change::What::tools:
        if (filter.tools_list_changed) send(id, listener, method::tools_list_changed, nullptr);
        break;
      case Change::What::prompts:
        if (filter.prompts_list_changed) send(id, listener, method::prompts_list_changed, nullptr);
        break;
      case Change::What::resources:
        if (filter.resources_list_changed)
          send(id, listener, method::resources_list_changed, nullptr);
        break;
      case Change::What::resource: {
        const auto& uris = filter.resource_subscriptions;
        if (std::find(uris.begin(), uris.end(), change.subject) != uris.end())
          send(id, listener, method::resources_updated,
               to_json(ResourceUpdatedParams{.uri = change.subject}, listener.revision));
        break;
      }
      case Change::What::task: {
        const auto& ids = filter.task_ids;
        if (std::find(ids.begin(), ids.end(), change.subject) != ids.end())
          send(id, listener, method::tasks_notification,
               task_details(change.task->state, listener.revision));
        break;
      }
      case Change::What::elicitation:
        break;  // not told in this era
    }
  }
}

void Subscriptions::close_all() {
  for (auto& [id, listener] : std::exchange(listeners_, {})) {
    // On a pipe the stream itself has no end that the client could see.
    if (listener.outlet->shared())
      send(id, listener, method::cancelled,
           to_json(CancelledParams{.request_id = id.to_json(), .reason = "the server closes"},
                   listener.revision));
    Json result = {{"_meta", {{meta_key::subscription_id, id.to_json()}}}};
    add_result_type(result, ResultType::complete, listener.revision);
    add_server_info(result, core_.settings->info, listener.revision);
    listener.outlet->send(
        {Outbound::Kind::response, jsonrpc::encode(jsonrpc::Response{id, std::move(result)})});
  }
}

bool Subscriptions::send(const jsonrpc::Id& id, const Listener& listener, const std::string& method,
                         Json params) {
  params["_meta"][meta_key::subscription_id] = id.to_json();
  if (!core_.pass_outgoing(method, params) && method != method::subscriptions_acknowledged)
    return false;
  return listener.outlet->send({Outbound::Kind::notification,
                                jsonrpc::encode(jsonrpc::Notification{method, std::move(params)})});
}

// --- Calls ---

namespace {

constexpr Duration url_poll = std::chrono::seconds(1);

/// What a state belongs to: the request itself and who sent it.
std::string bound_to(const Call& call) {
  const auto arguments = call.params.find("arguments");
  const Json none = Json::object();
  const bool has_arguments = arguments != call.params.end() && !arguments->is_null();
  return canonical_json({call.method, call.subject,
                         sha256_hex(canonical_json(has_arguments ? *arguments : none)),
                         call.caller.principal});
}

class StatelessCalls final : public CallEra {
 public:
  void open(Call& call) const override {
    if (call.opened) return;
    call.opened = true;
    if (!may_require_input(call.method)) return;
    const auto input = from_json<InputResponseParams>(call.params);
    if (input.empty()) return;
    call.retried = true;
    if (input.request_state) {
      if (input.request_state->size() > call.core->options().limits.request_state_bytes)
        throw Error(error_code::invalid_params, "requestState is longer than any of this server");
      const Json state =
          call.core->sealer.open(*input.request_state, bound_to(call), call.runtime.environment());
      try {
        call.round = Round::from_json(state);
      } catch (const Json::exception&) {
        throw Error(error_code::invalid_params,
                    "requestState is of another version of this server");
      }
    }
    call.round.merge(input.input_responses);
  }

  void lacks(const Call&, ClientFeature feature) const override {
    throw Error(error_code::missing_client_capability, std::string(describe_missing(feature)),
                {{"requiredCapabilities", required_capabilities(feature)}});
  }

  // A person who mistyped is asked again.
  void unfit(Call& call, const std::string& key, const Malformed&) const override {
    call.round.answers.erase(key);
  }

  std::optional<ElicitAction> overdue(Call&, const std::string&) const override {
    return std::nullopt;
  }

  Outcome ask(Call& call, std::vector<Ask> asks) const override {
    const ServerOptions& options = call.core->options();
    Json result = {{"requestState", call.core->seal(call.round.to_json(), bound_to(call),
                                                    call.runtime.environment())}};
    if (const std::size_t limit = options.limits.request_state_bytes;
        result["requestState"].get_ref<const std::string&>().size() > limit)
      throw Error(error_code::internal_error, "the answers and steps of " + call.title() +
                                                  " need more than " + std::to_string(limit) +
                                                  " bytes of requestState");
    for (Ask& one : asks)
      result["inputRequests"][one.key] = {{"method", one.method},
                                          {"params", std::move(one.params)}};
    add_result_type(result, ResultType::input_required, call.revision());
    add_server_info(result, call.core->settings->info, call.revision());
    return {.response = jsonrpc::encode(jsonrpc::Response{call.id, std::move(result)})};
  }

  bool takes_task(const Call& call) const override {
    return has_tasks_extension(call.caller.client->capabilities);
  }

  void lacks_tasks(const Call&) const override { throw lacks_extension(); }

  void require_tasks(const Call& call) const override {
    if (!takes_task(call)) lacks_tasks(call);
  }

  // The server decides: `task` is no word of this era.
  std::optional<TaskOptions> wanted_task(const Call&) const override { return std::nullopt; }

  PageWait page_wait(const ServerOptions& options) const override {
    return {options.url_wait, url_poll};
  }
};

}  // namespace

const CallEra& stateless_calls() {
  static const StatelessCalls calls;
  return calls;
}

}  // namespace mcp::server
