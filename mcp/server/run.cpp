#include <mcp/server/run.h>

#include <cmath>
#include <stdexcept>
#include <utility>

#include <mcp/base/ids.h>
#include <mcp/jsonrpc/codec.h>
#include <mcp/protocol/method.h>
#include <mcp/protocol/notification.h>
#include <mcp/server/call_era.h>
#include <mcp/server/connection.h>
#include <mcp/server/dispatch.h>
#include <mcp/server/engine.h>
#include <mcp/server/error_answer.h>
#include <mcp/server/tasks.h>

// How a run ends:
//
//   handler returns or throws ──► conclude ──► outcome_of ──► deliver ──► Connection::concluded
//        │                                      ├ questions open: ask_outcome
//        │ (deferred)                           │    as the call's era asks
//        └─► nothing; then or later finish,     ├ an exception:   error_outcome
//            fail or finish_asking ──► conclude └ a result:       result_outcome
//
// Whatever happens on the way, exactly one outcome is delivered (`done_`), and what a handler
// returns or throws after it has asked is dropped.

namespace mcp::server {
namespace {

std::string description(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& known) {
    return known.what();
  } catch (...) {
    return "what is no std::exception";
  }
}

}  // namespace

Run& run_of(const CallContext& context) {
  struct Open : CallContext {
    using CallContext::run;  // which is for derived classes
  };
  return (context.*(&Open::run))();
}

Run::Run(std::shared_ptr<Call> call)
    : call_(std::move(call)),
      thread_(std::this_thread::get_id()),
      began_(call_->runtime.loop().now()),
      is_task_(!call_->task_id.empty()) {}

Run::~Run() {
  if (done_.exchange(true)) return;
  // Only a deferred handler comes here: it let its last responder go.
  deliver(error_outcome(
      std::make_exception_ptr(std::runtime_error("the deferred handler ended without an answer"))));
}

void Run::start(std::shared_ptr<Call> call) {
  std::make_shared<Run>(std::move(call))->execute();
}

void Run::execute() {
  Reply reply = Reply::pending();
  std::exception_ptr error;
  try {
    call_era(*call_).open(*call_);
    for (const auto& [key, answer] : call_->round.answers) {
      if (!answer.question.empty()) unread_.insert(key);
    }
    all_read_ = unread_.empty();
    Context context(*this);
    reply = call_->core->middleware.empty() ? perform(*this, call_->params, context)
                                            : through_middleware(context);
    if (suspended_)
      call_->core->log(LogSeverity::warning,
                       call_->title() +
                           ": the handler swallowed mcp::Suspended; what it returned "
                           "after its question is dropped");
  } catch (const Suspended&) {
    // A Suspended that somebody else made is no question.
    if (!suspended_)
      error = std::make_exception_ptr(std::logic_error("threw mcp::Suspended without a question"));
  } catch (...) {
    error = std::current_exception();
    if (suspended_)
      call_->core->log(LogSeverity::warning, call_->title() +
                                                 ": the handler turned mcp::Suspended into another "
                                                 "exception, which is dropped");
  }
  returned(std::move(error), std::move(reply));
}

// Middleware changes a copy of the params: a replay starts from what the client sent.
Reply Run::through_middleware(Context& context) {
  const auto& middleware = call_->core->middleware;
  Json params = call_->params;
  IncomingRequest request{call_->method, params, context};
  std::function<Reply(std::size_t)> from = [&](std::size_t index) -> Reply {
    if (index == middleware.size()) return perform(*this, params, context);
    return middleware[index](request, [&from, index] { return from(index + 1); });
  };
  return from(0);
}

const std::string& Run::nonce() {
  if (call_->round.nonce.empty()) call_->round.nonce = random_token(call_->runtime.environment());
  return call_->round.nonce;
}

// --- Telling ---

bool Run::client_can(ClientFeature feature) const {
  const Revision revision = call_->revision();
  switch (feature) {
    case ClientFeature::elicit_form:
      if (!has_elicitation(revision)) return false;
      break;
    case ClientFeature::elicit_url:
      if (!has_elicitation_url(revision)) return false;
      break;
    case ClientFeature::sampling_tools:
      if (!has_sampling_tools(revision)) return false;
      break;
    case ClientFeature::sampling:
    case ClientFeature::roots:
      break;
  }
  return can(call_->caller.client->capabilities, feature);
}

void Run::progress(double progress, std::optional<double> total, std::string_view message) {
  const Json& token = call_->caller.progress_token;
  if (token.is_null() || done_ || !all_read_ || !std::isfinite(progress)) return;
  std::unique_lock lock(progress_mutex_);
  // Once it is done, the round is the loop's.
  if (done_ || progress <= call_->round.progress) return;
  call_->round.progress = progress;
  const ProgressParams params{.progress_token = token,
                              .progress = progress,
                              .total = total,
                              .message = std::string(message)};
  // Off the loop the lock keeps the order. On it a send may find the client gone and end this run.
  if (call_->runtime.loop().is_current()) lock.unlock();
  notify(method::progress, to_json(params, call_->revision()));
}

void Run::log(LoggingLevel level, Json data, std::string logger) {
  if (!call_->caller.log_level || level < *call_->caller.log_level || done_ || !all_read_) return;
  const LoggingMessageParams params{
      .level = level, .data = std::move(data), .logger = std::move(logger)};
  notify(method::message, to_json(params, call_->revision()));
}

void Run::notify(const char* method, Json params) {
  if (is_task_) {
    if (!has_core_tasks(call_->revision())) return;
    params["_meta"][meta_key::related_task] = {{"taskId", call_->task_id}};
  }
  if (!call_->core->pass_outgoing(method, params)) return;
  std::string bytes = jsonrpc::encode(jsonrpc::Notification{method, std::move(params)});
  auto send = [call = call_](std::string text) {
    if (auto connection = call->connection.lock()) connection->tell(*call, std::move(text));
  };
  if (call_->runtime.loop().is_current()) {
    send(std::move(bytes));
    return;
  }
  call_->untold->add(bytes.size());
  call_->runtime.loop().post([send, call = call_, bytes = std::move(bytes)]() mutable {
    call->untold->remove(bytes.size());
    send(std::move(bytes));
  });
}

void Run::release_connection(Duration retry) {
  auto release = [call = call_, retry] {
    if (auto connection = call->connection.lock()) connection->release(*call, retry);
  };
  if (call_->runtime.loop().is_current()) {
    release();
  } else {
    call_->runtime.loop().post(std::move(release));
  }
}

// --- Tasks ---

bool Run::continue_as_task(const TaskOptions& options) {
  check_thread();
  if (is_task_) return true;  // a replay, or the client wanted a task from the start
  if (call_->method != method::tools_call ||
      !may_be_task(*find_tool(*call_->snapshot, call_->params)))
    throw std::logic_error(call_->title() + " did not declare that it may be a task");
  if (!call_era(*call_).takes_task(*call_)) return false;
  become_task(options);
  return true;
}

void Run::become_task(const TaskOptions& options) {
  const auto tasks = call_->tasks.lock();
  if (!tasks) throw Error(error_code::internal_error, "the server stops");
  Json result = task_metadata(tasks->create(call_, options), call_->revision());
  is_task_ = true;
  if (has_core_tasks(call_->revision())) result = {{"task", std::move(result)}};
  add_result_type(result, ResultType::task, call_->revision());
  add_server_info(result, call_->core->settings->info, call_->revision());
  call_->runtime.loop().post([call = call_, response = jsonrpc::encode(jsonrpc::Response{
                                                call_->id, std::move(result)})]() mutable {
    const auto connection = call->connection.lock();
    if (connection && connection->became_task(*call, std::move(response))) return;
    if (const auto known = call->tasks.lock()) known->abandon(*call);
  });
}

// --- The end of a run ---

void Run::returned(std::exception_ptr error, Reply reply) {
  if (deferred_ && !suspended_ && questions_.empty()) {
    std::unique_lock lock(ending_mutex_);
    returned_ = true;
    if (ended_) {
      const auto ending = std::exchange(ending_, {});
      lock.unlock();
      ending();
      return;
    }
    if (!error && reply.is_pending()) return;
    ended_ = true;
  }
  conclude(std::move(error), std::move(reply));
}

void Run::end_deferred(std::function<void()> ending) {
  {
    std::lock_guard lock(ending_mutex_);
    if (std::exchange(ended_, true)) return;
    if (!returned_) {
      ending_ = std::move(ending);
      return;
    }
  }
  ending();
}

void Run::finish(ToolResult result) {
  end_deferred([this, result = std::move(result)]() mutable {
    Reply reply = Reply::pending();
    std::exception_ptr error;
    try {
      reply = checked_result(*find_tool(*call_->snapshot, call_->params), std::move(result),
                             call_->revision());
    } catch (...) {
      error = std::current_exception();
    }
    conclude(error, std::move(reply));
  });
}

void Run::finish_result(Json result) {
  end_deferred([this, result = std::move(result)]() mutable {
    conclude(nullptr, Reply(std::move(result)));
  });
}

void Run::fail(std::exception_ptr error) {
  end_deferred([this, error] { conclude(error, Reply::pending()); });
}

void Run::finish_asking(std::vector<OpenQuestion> questions) {
  end_deferred([this, questions = std::move(questions)] {
    std::exception_ptr error;
    try {
      for (const OpenQuestion& question : questions) require(question.request);
      for (const OpenQuestion& question : questions) {
        claim_key(question.key);
        open_question(question.key, question.request);
      }
    } catch (...) {
      error = std::current_exception();
      questions_.clear();
    }
    conclude(error, Reply::pending());
  });
}

void Run::finish_forwarding(std::vector<Ask> asks) {
  end_deferred([this, asks = std::move(asks)]() mutable {
    questions_ = std::move(asks);
    conclude(nullptr, Reply::pending());
  });
}

void Run::conclude(std::exception_ptr error, Reply reply) {
  {
    std::lock_guard lock(progress_mutex_);  // a progress of another thread may use the round
    if (done_.exchange(true)) return;
  }
  deliver(outcome_of(std::move(error), std::move(reply)));
}

Outcome Run::outcome_of(std::exception_ptr error, Reply reply) {
  try {
    if (error && !suspended_ && !questions_.empty())
      call_->core->log(LogSeverity::warning,
                       call_->title() + ": what the handler threw after its question is dropped: " +
                           description(error));
    if (suspended_ || !questions_.empty()) return ask_outcome();
    if (error) return error_outcome(error);
    if (reply.is_pending()) throw std::logic_error("the middleware gave no reply");
    return result_outcome(std::move(reply));
  } catch (...) {
    return error_outcome(std::current_exception());
  }
}

Outcome Run::ask_outcome() {
  end_ = std::nullopt;
  if (questions_.empty()) return {.waits_for = waits_for_};
  nonce();  // from here on the call may be repeated
  const int limit = call_->core->options().limits.rounds;
  if (++call_->round.number > limit)
    throw Error(error_code::internal_error,
                call_->title() + " asked the client more than " + std::to_string(limit) + " times");
  for (Ask& ask : questions_) {
    if (is_task_ &&
        has_core_tasks(call_->revision()))  // the request that carries them passes them out
      ask.params["_meta"][meta_key::related_task] = {{"taskId", call_->task_id}};
    else
      call_->core->pass_outgoing(ask.method, ask.params);
  }
  if (is_task_) return {.asks = std::move(questions_)};
  return call_era(*call_).ask(*call_, std::move(questions_));
}

Outcome Run::error_outcome(const std::exception_ptr& error) {
  end_ = CallEnd::error;
  if (call_->stop.stop_requested()) {
    // Nobody waits for it, and what a handler throws when it is stopped is no mistake.
    jsonrpc::ErrorObject answer{error_code::internal_error, "the call was cancelled", nullptr};
    if (is_task_) return {.error = std::move(answer)};
    return {.response = jsonrpc::encode(jsonrpc::Response{call_->id, std::move(answer)}),
            .error_code = error_code::internal_error};
  }
  // A middleware's ToolError is a tool's failure too.
  if (call_->method == method::tools_call) {
    try {
      std::rethrow_exception(error);
    } catch (const ToolError& failure) {
      return result_outcome(to_json(error_text(failure.what()), call_->revision()));
    } catch (...) {
      // Answered below.
    }
  }
  jsonrpc::ErrorObject answer =
      error_answer(error, call_->revision(), *call_->core, call_->title());
  Outcome outcome{.error_code = answer.code};
  if (answer.code == error_code::url_elicitation_required && answer.data.is_object()) {
    for (const Json& elicitation : answer.data.value("elicitations", Json::array()))
      outcome.elicitations.push_back(elicitation.value("elicitationId", std::string()));
  }
  if (is_task_) {
    outcome.error = std::move(answer);
  } else {
    outcome.response = jsonrpc::encode(jsonrpc::Response{call_->id, std::move(answer)});
  }
  return outcome;
}

Outcome Run::result_outcome(Reply reply) {
  if (const auto* serialized = reply.serialized())
    return {.response = jsonrpc::encode(jsonrpc::Response{call_->id, *serialized})};
  Json& result = *reply.json();
  if (!result.is_object()) throw std::logic_error("the middleware's reply is no object");
  const auto is_error = result.find("isError");
  end_ = is_error != result.end() && *is_error == true ? CallEnd::error : CallEnd::success;
  if (!result.contains("resultType"))
    add_result_type(result, ResultType::complete, call_->revision());
  if (is_task_) return {.result = std::move(result)};
  add_server_info(result, call_->core->settings->info, call_->revision());
  return {.response = jsonrpc::encode(jsonrpc::Response{call_->id, std::move(result)})};
}

// On the way of every call: no lock, and nothing is allocated.
void Run::count() const {
  if (!end_ || call_->method != method::tools_call) return;
  const auto tool = call_->snapshot->features.tools.find(call_->subject);
  (tool ? *tool->metrics : call_->core->metrics.of_unknown_tool())
      .count(call_->stop.stop_requested() ? CallEnd::cancelled : *end_,
             call_->runtime.loop().now() - began_);
}

// The answer goes out whatever becomes of the line.
void Run::audit(const Outcome& outcome) const noexcept try {
  if (!call_->core->audit || call_->method != method::tools_call) return;
  std::string became = end_ == CallEnd::success ? "ok" : "failed";
  const int code = outcome.error ? outcome.error->code : outcome.error_code;
  if (!end_) {
    became = "asked";
  } else if (end_ == CallEnd::error && call_->stop.stop_requested()) {
    became = "cancelled";
  } else if (code != 0) {
    became = "error " + std::to_string(code);
  }
  const Duration took = call_->runtime.loop().now() - began_;
  call_->core->record(
      {.time = call_->runtime.environment().wall_clock() -
               std::chrono::duration_cast<std::chrono::system_clock::duration>(took),
       .tool = call_->subject,
       .arguments_digest = arguments_digest(call_->params),
       .outcome = std::move(became),
       .duration = took,
       .principal = call_->caller.principal,
       .caller = call_->caller.counted_as});
} catch (...) {
  // For want of memory: there is none to tell it with, either.
}

void Run::deliver(Outcome outcome) {
  count();
  audit(outcome);
  if (is_task_) {
    call_->runtime.loop().post([call = call_] {
      if (const auto engine = call->engine.lock()) engine->ended(*call);
    });
    auto conclude = [call = call_, outcome = std::move(outcome)]() mutable {
      if (const auto tasks = call->tasks.lock()) tasks->concluded(call, std::move(outcome));
    };
    // The store of tasks may block.
    if (call_->runtime.loop().is_current()) {
      call_->runtime.executor().submit_admitted(std::move(conclude));
    } else {
      conclude();
    }
    return;
  }
  auto hand_over = [call = call_, outcome = std::move(outcome)]() mutable {
    // Also when the connection is gone: its calls have not ended before their handlers have.
    if (const auto engine = call->engine.lock()) engine->ended(*call);
    if (auto connection = call->connection.lock()) connection->concluded(call, std::move(outcome));
  };
  if (call_->runtime.loop().is_current()) {
    hand_over();
  } else {
    call_->runtime.loop().post(std::move(hand_over));
  }
}

}  // namespace mcp::server
