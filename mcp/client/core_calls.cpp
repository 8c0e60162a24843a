#include <algorithm>
#include <utility>

#include <mcp/client/core.h>
#include <mcp/client/task_call.h>
#include <mcp/protocol/logging.h>
#include <mcp/protocol/meta.h>
#include <mcp/protocol/method.h>
#include <mcp/protocol/notification.h>
#include <mcp/protocol/skill.h>

// Calls, and the notifications that come in.

namespace mcp::client {
namespace {

bool is_skill_method(const std::string& name) {
  return name == method::skills_list || name == method::skills_get ||
         name == method::resources_directory_read;
}

/// Whether the server declares the extension, and what the method needs of it.
bool offers_skills(const Json& extensions, const std::string& name) {
  const auto settings =
      extensions.is_object() ? extensions.find(skills_extension) : extensions.end();
  if (settings == extensions.end() || !settings->is_object()) return false;
  if (name != method::resources_directory_read) return true;
  const auto reads = settings->find("directoryRead");
  return reads != settings->end() && *reads == true;
}

/// Why the server has no such request; empty when it may have.
std::string unsupported(const std::string& name, const ServerInfo& server) {
  const Revision revision = server.revision;
  if (is_skill_method(name) && !offers_skills(server.capabilities.extensions, name))
    return "the server does not declare the extension " + std::string(skills_extension) +
           (name == method::resources_directory_read ? " with directoryRead" : "") +
           ": no request " + name;
  bool session_method = name == method::ping || name == method::logging_set_level ||
                        name == method::resources_subscribe ||
                        name == method::resources_unsubscribe;
  bool stateless_method = name == method::discover || name == method::subscriptions_listen;
  bool absent = (session_method && !has_session_methods(revision)) ||
                (stateless_method && !has_stateless_methods(revision)) ||
                name == method::initialize;
  return absent ? "revision " + std::string(to_string(revision)) + " has no request " + name
                : std::string();
}

std::string text_member(const Json& object, const char* name) {
  if (!object.is_object()) return {};
  auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

void Core::request(std::string name, std::function<Json(Revision)> params, CallOptions options,
                   Callback<Json> done) {
  if (state_ == State::closing || state_ == State::closed) {
    return done(CallError(CallError::Kind::closed, "the client is closed"));
  }
  if (options.stop.stop_requested()) {
    return done(CallError(CallError::Kind::stopped, name + ": stopped before it was sent"));
  }
  if (state_ == State::ready && options_.cache && options.use_cache && ResultCache::covers(name)) {
    const Json* kept = cache_.find(name, params(server_.revision), loop_.now());
    if (kept != nullptr) return done(*kept);
  }
  if (calls_.size() >= options_.limits.pending_calls) {
    return done(CallError(CallError::Kind::limit, std::to_string(calls_.size()) +
                                                      " calls wait already: no more are taken"));
  }
  std::uint64_t key = ++last_call_;
  Call& call = calls_[key];
  call.method = std::move(name);
  call.make_params = std::move(params);
  call.options = std::move(options);
  call.done = std::move(done);
  if (call.options.stop.stop_possible()) {
    call.on_stop = std::make_unique<StopCallback>(call.options.stop,
                                                  [weak = weak_from_this(), &loop = loop_, key] {
                                                    loop.post([weak, key] {
                                                      if (auto self = weak.lock()) self->stop(key);
                                                    });
                                                  });
  }
  send_or_wait(key);
}

void Core::send_or_wait(std::uint64_t key) {
  if (state_ == State::ready) return send(key);
  queue_.push_back(key);
  if (state_ == State::down) restart();
}

Json Core::params_for(const Call& call, const jsonrpc::Id& id) const {
  Json params = call.params;
  if (!call.inputs.empty()) {
    if (params.is_null()) params = Json::object();
    add_input_responses(params, call.inputs);
  }
  if (call.wants_task) params["task"] = Json::object();
  RequestMeta meta = request_meta(options_, server_.revision);
  if (call.options.on_progress) meta.progress_token = id.to_json();
  meta.log_level = call.options.log_level ? call.options.log_level : logging_level_;
  meta.other = call.options.meta;
  add_request_meta(params, meta, server_.revision);
  return params;
}

void Core::send(std::uint64_t key) {
  Call& call = calls_.at(key);
  if (std::string problem = unsupported(call.method, server_); !problem.empty()) {
    return finish(key, CallError(CallError::Kind::unsupported, problem));
  }
  call.params = call.make_params(server_.revision);
  call.wants_task = wants_task(call);
  Connection::Waiting waiting{[this, key](Reply reply) { replied(key, std::move(reply)); },
                              call.options.on_progress,
                              {call.options.timeout.value_or(options_.call_timeout),
                               call.options.max_timeout.value_or(options_.max_call_timeout)}};
  if (call.method == method::tools_call && routes_by_headers()) {
    waiting.parameters = tools_.headers(call.params);
  }
  try {
    call.id = connection_->send(
        call.method, [&](const jsonrpc::Id& id) { return params_for(call, id); },
        std::move(waiting));
  } catch (const Error& error) {
    return finish(key,
                  CallError(CallError::Kind::refused, error.what(), error.code(), error.data()));
  }
  if (!call.id) {
    finish(key, CallError(CallError::Kind::limit, call.method +
                                                      ": not sent: too much waits to be sent, or "
                                                      "the server is going away"));
  }
}

void Core::tell_cancelled(const jsonrpc::Id& id, const std::string& reason) {
  if (state_ == State::ready) connection_->cancel(id, reason);
}

bool Core::repeatable(const Call& call) const {
  if (ResultCache::covers(call.method) || call.method == method::ping ||
      call.method == method::completion_complete || call.method == method::tasks_get ||
      call.method == method::tasks_result || is_skill_method(call.method)) {
    return true;
  }
  return call.method == method::tools_call && tools_.repeatable(text_member(call.params, "name"));
}

bool Core::wants_task(const Call& call) const {
  if (!options_.tasks || call.method != method::tools_call || !has_core_tasks(server_.revision)) {
    return false;
  }
  const Json& offered = server_.capabilities.tasks;
  if (!offered.is_object() || !offered.contains("/requests/tools/call"_json_pointer)) return false;
  const TaskSupport support = tools_.task_support(text_member(call.params, "name"));
  return support == TaskSupport::required ||
         (support == TaskSupport::optional && call.options.as_task);
}

void Core::replied(std::uint64_t key, Reply reply) {
  Call& call = calls_.at(key);
  jsonrpc::Id id = *std::exchange(call.id, std::nullopt);
  if (auto* none = std::get_if<NoReply>(&reply)) {
    switch (none->why) {
      case NoReply::Why::timed_out:
        tell_cancelled(id, "timed out");
        return finish(key, CallError(CallError::Kind::timed_out, call.method + ": " + none->text));
      case NoReply::Why::garbled:
        return finish(key, CallError(CallError::Kind::invalid_result,
                                     call.method + ": unreadable answer: " + none->text));
      case NoReply::Why::too_long:
        return finish(key, CallError(CallError::Kind::limit, call.method + ": " + none->text));
      case NoReply::Why::asked_too_often:
        tell_cancelled(id, "too many requests during this call");
        return finish(key, CallError(CallError::Kind::limit, call.method + ": " + none->text));
      case NoReply::Why::refused:
        return finish(key, CallError(CallError::Kind::refused, call.method + ": " + none->text));
      case NoReply::Why::not_sent:
        return finish(key,
                      CallError(CallError::Kind::not_connected, call.method + ": " + none->text));
      case NoReply::Why::not_run:
        if (call.reissued || !target_.reopens() || !options_.restart.enabled) {
          return finish(key, CallError(CallError::Kind::not_connected,
                                       call.method + ": not run: " + none->text));
        }
        call.reissued = true;
        queue_.push_back(key);
        return;
      case NoReply::Why::exchange_lost:
        if (repeatable(call) && !call.reissued) {
          call.reissued = true;
          return send_or_wait(key);
        }
        break;
      case NoReply::Why::lost:
        break;
    }
    if (none->why == NoReply::Why::lost && repeatable(call) && !call.reissued &&
        target_.reopens() && options_.restart.enabled) {
      call.reissued = true;
      queue_.push_back(key);  // `disconnected` follows, and starts the server again
      return;
    }
    std::string why = none->text.empty() ? "the server ended" : none->text;
    return finish(key, CallError(CallError::Kind::outcome_unknown,
                                 call.method +
                                     ": the server was lost before it answered, the call "
                                     "may or may not have run: " +
                                     why));
  }
  if (auto* error = std::get_if<jsonrpc::ErrorObject>(&reply)) {
    if (visit_urls(key, *error) || repeat_refused(key, *error)) return;
    return finish(key, CallError(CallError::Kind::answered, error->message, error->code,
                                 std::move(error->data)));
  }
  auto invalid = [&](const std::string& what) {
    finish(key,
           CallError(CallError::Kind::invalid_result, call.method + ": invalid result: " + what));
  };
  Json& result = std::get<Json>(reply);
  if (!result.is_object()) return invalid("it is no object");
  try {
    if (!requires_result_type(server_.revision)) {
      if (call.wants_task && result.contains("task")) return became_task(key, result);
      return completed(key, std::move(result));
    }
    switch (result_type(result)) {
      case ResultType::complete:
        return completed(key, std::move(result));
      case ResultType::input_required:
        if (!may_require_input(call.method)) return invalid("this request can't require input");
        return input_required(key, result);
      case ResultType::task:
        if (!options_.tasks) return invalid("a task, although this client declares no tasks");
        return became_task(key, result);
    }
  } catch (const Malformed& malformed) {
    invalid(malformed.what());
  }
}

bool Core::routes_by_headers() const {
  return connection_->has_exchanges() && has_routing_headers(server_.revision);
}

void Core::completed(std::uint64_t key, Json result) {
  Call& call = calls_.at(key);
  if (call.method == method::tools_list) {
    if (routes_by_headers()) {
      for (const std::string& problem : leave_out_invalid_headers(result)) violation(problem);
    }
    tools_.remember(result);
  }
  // A result that depends on answers is not the result of the bare request: it is never kept.
  bool plain = call.rounds == 0;
  if (plain && options_.cache && has_cache_hints(server_.revision) &&
      ResultCache::covers(call.method)) {
    std::string problem = cache_.keep(call.method, call.params, result, loop_.now());
    if (!problem.empty()) violation(problem);
  }
  finish(key, std::move(result));
}

// The call stays among the calls, so that it ends as every other: a stop token, the client's end.
void Core::became_task(std::uint64_t key, const Json& result) {
  Call& call = calls_.at(key);
  const auto task = std::make_shared<TaskCall>(
      shared_from_this(), call.method, call.options, call.asks.get_token(),
      [weak = weak_from_this(), key](Outcome<Json> outcome) {
        auto self = weak.lock();
        if (!self || !self->calls_.contains(key)) return;
        if (outcome.ok()) return self->completed(key, std::move(outcome).value());
        self->finish(key, std::move(outcome));
      });
  task->start(result);  // Malformed: see `replied`
}

void Core::stop(std::uint64_t key) {
  auto found = calls_.find(key);
  if (found == calls_.end()) return;
  if (auto id = std::exchange(found->second.id, std::nullopt)) {
    connection_->forget(*id);
    tell_cancelled(*id, "stopped by the caller");
  }
  finish(key,
         CallError(CallError::Kind::stopped, found->second.method + ": stopped by the caller"));
}

void Core::finish(std::uint64_t key, Outcome<Json> outcome) {
  auto node = calls_.extract(key);
  if (node.empty()) return;
  Call& call = node.mapped();
  loop_.cancel(call.url_timer);
  call.asks.request_stop();
  call.on_stop.reset();
  call.done(std::move(outcome));
}

void Core::notify(const std::string& name, Json params) {
  if (state_ == State::ready) connection_->notify(name, std::move(params));
}

void Core::roots_changed() {
  if (state_ == State::ready && options_.handlers.roots &&
      has_roots_list_changed(server_.revision)) {
    connection_->notify(method::roots_list_changed, nullptr);
  }
}

void Core::set_logging_level(LoggingLevel level, CallOptions options, Callback<Done> done) {
  logging_level_ = level;
  with_server([this, level, options = std::move(options),
               done = std::move(done)](const Outcome<ServerInfo>& server) {
    if (!server.ok()) return done(server.error());
    if (!has_session_methods(server.value().revision)) return done(Done{});
    request(
        method::logging_set_level,
        [level](Revision revision) { return to_json(SetLevelParams{level}, revision); }, options,
        [done](const Outcome<Json>& result) {
          if (result.ok()) return done(Done{});
          done(result.error());
        });
  });
}

std::string Core::output_problem(const std::string& tool, const Json& result) {
  return options_.validate_output ? tools_.output_problem(tool, result) : std::string();
}

void Core::subscribe(SubscriptionFilter filter, std::function<void(const Change&)> on_change,
                     CallOptions options, Callback<Subscription> done) {
  if (state_ == State::closing || state_ == State::closed) {
    return done(CallError(CallError::Kind::closed, "the client is closed"));
  }
  auto key = std::make_shared<std::uint64_t>(0);
  *key = subscriptions_.add(
      std::move(filter), std::move(on_change), options.timeout.value_or(options_.call_timeout),
      [this, key, done = std::move(done)](Outcome<SubscriptionFilter> honored) {
        if (!honored.ok()) return done(honored.error());
        done(Subscription(weak_from_this(), loop_, *key, honored.value()));
      });
  if (state_ == State::ready) subscriptions_.server_ready();
  if (state_ == State::down) restart();
}

void Core::unsubscribe(std::uint64_t key) {
  subscriptions_.remove(key);
}

// --- Notifications ---

void Core::received(jsonrpc::Notification notification) {
  const std::string& name = notification.method;
  const Json& params = notification.params;
  if (options_.observer.on_notification) options_.observer.on_notification(name, params);
  try {
    if (name == method::progress) return;  // the connection has seen to it
    if (name == method::message) {
      if (options_.observer.on_log) {
        options_.observer.on_log(from_json<LoggingMessageParams>(params));
      }
      return;
    }
    if (name == method::elicitation_complete) {
      return url_completed(from_json<ElicitationCompleteParams>(params).elicitation_id);
    }
    if (name == method::tools_list_changed) {
      cache_.forget(ListKind::tools);
      tools_.clear();
    } else if (name == method::prompts_list_changed) {
      cache_.forget(ListKind::prompts);
    } else if (name == method::resources_list_changed) {
      cache_.forget(ListKind::resources);
    } else if (name == method::resources_updated) {
      cache_.forget(method::resources_read, Json{{"uri", text_member(params, "uri")}});
    } else if (name == method::cancelled && state_ == State::ready &&
               !uses_input_required(server_.revision)) {
      auto id = jsonrpc::Id::from_json(from_json<CancelledParams>(params).request_id);
      auto asked = id ? asks_.find(*id) : asks_.end();
      if (asked != asks_.end()) {
        asked->second.stop.request_stop();
        connection_->release(asked->second.number);
        asks_.erase(asked);
      }
      return;
    }
    if (name == method::ping || name == method::elicitation_create ||
        name == method::sampling_create_message || name == method::roots_list) {
      violation("the request " + name + " came without an id: it can't be answered; ignored");
      return;
    }
    if (state_ == State::ready) subscriptions_.received(notification);
  } catch (const Malformed& malformed) {
    violation("malformed " + name + ": " + malformed.what());
  }
}

}  // namespace mcp::client
