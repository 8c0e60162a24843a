#include <mcp/server/session_era.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include <mcp/base/json_memory.h>
#include <mcp/protocol/method.h>
#include <mcp/protocol/notification.h>
#include <mcp/server/call_era.h>
#include <mcp/server/error_answer.h>
#include <mcp/server/watched.h>

namespace mcp::server {

Json SessionEra::initialize(const Json& params, bool caller_is_known) {
  if (negotiated_)
    throw Error(error_code::invalid_request, "this connection has been initialized before");
  auto request = from_json<InitializeParams>(params);
  const Revision revision = negotiate_session(request.protocol_version);
  InitializeResult result{.protocol_version = std::string(to_string(revision)),
                          .capabilities = core_.snapshot()->capabilities(),
                          .server_info = core_.settings->info,
                          .instructions = core_.options().instructions};
  if (caller_is_known && result.capabilities.tasks.is_object())
    result.capabilities.tasks["list"] = Json::object();
  negotiated_ = Negotiated{revision,
                           std::make_shared<const Client>(Client{std::move(request.capabilities),
                                                                 std::move(request.client_info)}),
                           result.capabilities};
  return to_json(result, revision);
}

std::optional<Json> SessionEra::answer(std::string_view method, const Json& params) {
  if (method != method::logging_set_level && method != method::resources_subscribe &&
      method != method::resources_unsubscribe)
    return std::nullopt;
  core_.snapshot()->require_offered(method, revision());
  if (method == method::logging_set_level) {
    log_level_ = from_json<SetLevelParams>(params).level;
  } else if (method == method::resources_subscribe) {
    subscribe(from_json<ResourceParams>(params).uri);
  } else {
    watched_.erase(from_json<ResourceParams>(params).uri);
  }
  return Json::object();
}

bool SessionEra::tells_of_roots() const {
  return negotiated_ && has_roots_list_changed(negotiated_->revision) &&
         negotiated_->client->capabilities.roots &&
         negotiated_->client->capabilities.roots->list_changed;
}

void SessionEra::subscribe(const std::string& uri) {
  if (!core_.snapshot()->has_resource(uri))
    throw Error(resource_not_found_code(revision()), "resource not found: " + uri, {{"uri", uri}});
  if (watched_.contains(uri)) return;
  const ServerLimits& limits = core_.options().limits;
  require_watchable(uri, "/uri", limits);
  if (watched_.size() >= limits.watched_resources) throw too_many_watched("/uri", limits);
  Charge charge = core_.charge(held::member(uri.size()));
  if (!charge) throw overloaded("too many messages are in flight");
  watched_.emplace(uri, Watched{std::move(charge), core_.watch(uri)});
}

Caller SessionEra::caller(const Json& params) const {
  if (!negotiated_)
    throw Error(error_code::invalid_params,
                "the request belongs to no session: send `initialize` first, or give "
                "`params._meta` with io.modelcontextprotocol/protocolVersion and "
                "io.modelcontextprotocol/clientCapabilities");
  RequestMeta meta = read_request_meta(params);
  return {.revision = negotiated_->revision,
          .client = negotiated_->client,
          .progress_token = std::move(meta.progress_token),
          .trace = std::move(meta.trace),
          .log_level = log_level_};
}

std::optional<jsonrpc::Notification> SessionEra::notification(const Change& change) const {
  if (!initialized_) return std::nullopt;
  switch (change.what) {
    case Change::What::tools:
      if (negotiated_->offered.tools) return jsonrpc::Notification{method::tools_list_changed, {}};
      break;
    case Change::What::prompts:
      if (negotiated_->offered.prompts)
        return jsonrpc::Notification{method::prompts_list_changed, {}};
      break;
    case Change::What::resources:
      if (negotiated_->offered.resources)
        return jsonrpc::Notification{method::resources_list_changed, {}};
      break;
    case Change::What::resource:
      if (watched_.contains(change.subject))
        return jsonrpc::Notification{
            method::resources_updated,
            to_json(ResourceUpdatedParams{.uri = change.subject}, negotiated_->revision)};
      break;
    case Change::What::task:
    case Change::What::elicitation:
      break;  // told only to whom it was shown: the connection knows
  }
  return std::nullopt;
}

// --- Calls ---

namespace {

class SessionCalls final : public CallEra {
 public:
  void open(Call&) const override {}  // what the call has learnt is in memory

  void lacks(const Call& call, ClientFeature feature) const override {
    const std::string message(describe_missing(feature));
    if (call.method == method::tools_call) throw ToolError(message);
    throw Error(error_code::internal_error, message);
  }

  // A client that answers a request with something else would do so for ever.
  void unfit(Call&, const std::string& key, const Malformed& why) const override {
    throw Error(error_code::invalid_params,
                "the client's answer to '" + key + "' does not fit: " + why.what());
  }

  // Given up for good: the runs that follow must not wait again.
  std::optional<ElicitAction> overdue(Call& call, const std::string& key) const override {
    call.round.answers[key].value = {{"action", "cancel"}};
    call.url_wait_over = false;
    return ElicitAction::cancel;
  }

  Outcome ask(Call&, std::vector<Ask> asks) const override { return {.asks = std::move(asks)}; }

  bool takes_task(const Call& call) const override {
    return has_core_tasks(call.revision()) && call.params.contains("task");
  }

  void lacks_tasks(const Call& call) const override {
    throw Error(error_code::method_not_found,
                call.title() + ": " +
                    (takes_task(call) ? "this tool can't be a task" : "this tool needs `task`"));
  }

  void require_tasks(const Call&) const override {}

  std::optional<TaskOptions> wanted_task(const Call& call) const override {
    if (!takes_task(call)) return std::nullopt;
    const Json& task = call.params["task"];
    if (!task.is_object())
      throw Malformed("/task", "expected an object, found " + std::string(task.type_name()));
    TaskOptions options;
    const auto ttl = task.find("ttl");
    if (ttl == task.end() || ttl->is_null()) return options;
    if (!ttl->is_number() || ttl->get<double>() < 0)
      throw Malformed("/task/ttl", "expected a number of milliseconds");
    // More than a century is as good as a century.
    constexpr double century = 100.0 * 366 * 24 * 3600 * 1000;
    options.ttl =
        std::chrono::milliseconds(static_cast<std::int64_t>(std::min(ttl->get<double>(), century)));
    return options;
  }

  // `Server::complete` ends the wait.
  PageWait page_wait(const ServerOptions& options) const override {
    return {options.ask_timeout, options.ask_timeout};
  }
};

}  // namespace

const CallEra& session_calls() {
  static const SessionCalls calls;
  return calls;
}

}  // namespace mcp::server
