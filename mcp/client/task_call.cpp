#include <mcp/client/task_call.h>

#include <algorithm>
#include <utility>

#include <mcp/client/core.h>
#include <mcp/protocol/malformed.h>
#include <mcp/protocol/method.h>

namespace mcp::client {
namespace {

// How often a server is asked, whatever it wishes.
constexpr Duration shortest_interval = std::chrono::milliseconds(10);
constexpr Duration longest_interval = std::chrono::minutes(1);
constexpr Duration default_interval = std::chrono::seconds(1);
constexpr std::size_t id_bytes = 4096;

std::string text_member(const Json& object, const char* name) {
  auto found = object.find(name);
  if (found == object.end() || !found->is_string()) {
    throw Malformed(std::string("/") + name, "expected a string");
  }
  return found->get<std::string>();
}

TaskStatus status_of(const Json& state) {
  const std::string text = text_member(state, "status");
  for (const TaskStatus status :
       {TaskStatus::working, TaskStatus::input_required, TaskStatus::completed, TaskStatus::failed,
        TaskStatus::cancelled}) {
    if (text == to_string(status)) return status;
  }
  throw Malformed("/status", "no status of a task");
}

Duration interval_of(const Json& state, Revision revision) {
  auto found = state.find(has_core_tasks(revision) ? "pollInterval" : "pollIntervalMs");
  if (found == state.end() || !found->is_number()) return default_interval;
  const double longest = std::chrono::duration<double, std::milli>(longest_interval).count();
  const double wished = std::clamp(found->get<double>(), 0.0, longest);
  return std::max(shortest_interval, std::chrono::duration_cast<Duration>(
                                         std::chrono::duration<double, std::milli>(wished)));
}

CallError error_of(const Json& error) {
  const Json none = Json::object();
  const Json& object = error.is_object() ? error : none;
  auto code = object.find("code");
  auto message = object.find("message");
  auto data = object.find("data");
  return {CallError::Kind::answered,
          message != object.end() && message->is_string() ? message->get<std::string>()
                                                          : "the task failed",
          code != object.end() && code->is_number_integer() ? code->get<int>()
                                                            : error_code::internal_error,
          data != object.end() ? *data : Json()};
}

}  // namespace

TaskCall::TaskCall(std::shared_ptr<Core> core, std::string method, CallOptions options,
                   std::stop_token stop, Callback<Json> done)
    : core_(std::move(core)),
      method_(std::move(method)),
      options_(std::move(options)),
      stop_(std::move(stop)),
      done_(std::move(done)),
      revision_(core_->server().revision),
      deadline_(core_->loop().now() +
                options_.max_timeout.value_or(core_->options().max_call_timeout)) {}

void TaskCall::start(const Json& created) {
  const Json& state = has_core_tasks(revision_) ? created.at("task") : created;
  id_ = text_member(state, "taskId");
  if (id_.empty() || id_.size() > id_bytes) {
    throw Malformed("/taskId", "expected 1 to " + std::to_string(id_bytes) + " bytes");
  }
  if (options_.on_task) options_.on_task(id_);
  on_stop_.emplace(stop_, [weak = weak_from_this(), &loop = core_->loop()] {
    loop.post([weak] {
      if (auto self = weak.lock()) self->give_up();
    });
  });
  wait(state);
}

Duration TaskCall::time_left() const {
  return deadline_ - core_->loop().now();
}

Json TaskCall::task_params() const {
  return {{"taskId", id_}};
}

CallOptions TaskCall::options_for_poll() const {
  CallOptions poll;
  poll.timeout = std::min(options_.timeout.value_or(core_->options().call_timeout),
                          std::max(time_left(), Duration(1)));
  poll.meta = options_.meta;
  return poll;
}

void TaskCall::wait(const Json& state) {
  const Duration left = time_left();
  if (left <= Duration::zero()) {
    cancel_task();
    return end(CallError(CallError::Kind::timed_out,
                         method_ + ": the task did not end in time; it was cancelled"));
  }
  // The last look comes when time is up.
  timer_ = core_->loop().schedule(std::min(interval_of(state, revision_), left),
                                  [self = shared_from_this()] { self->ask_state(); });
}

void TaskCall::ask_state() {
  if (!done_) return;
  core_->request(
      method::tasks_get, [params = task_params()](Revision) { return params; }, options_for_poll(),
      [self = shared_from_this()](Outcome<Json> outcome) {
        if (!self->done_) return;
        if (!outcome.ok()) return self->end(outcome.error());
        try {
          self->told(outcome.value());
        } catch (const Malformed& malformed) {
          self->end(
              CallError(CallError::Kind::invalid_result,
                        std::string(method::tasks_get) + ": invalid result: " + malformed.what()));
        }
      });
}

void TaskCall::told(const Json& state) {
  const TaskStatus status = status_of(state);
  if (status == TaskStatus::working) return wait(state);
  if (status == TaskStatus::cancelled) {
    return end(CallError(CallError::Kind::answered, method_ + ": the task was cancelled"));
  }
  // Until 2025-11-25 the result is a request of its own, and the questions come while it waits.
  if (!inlines_task_results(revision_)) return fetch_result();
  if (status == TaskStatus::input_required) return answer_questions(state);
  if (status == TaskStatus::failed) {
    auto error = state.find("error");
    return end(error_of(error == state.end() ? Json() : *error));
  }
  auto result = state.find("result");
  if (result == state.end() || !result->is_object()) {
    throw Malformed("/result", "expected the result of the call");
  }
  end(Json(*result));
}

void TaskCall::fetch_result() {
  CallOptions options = options_for_poll();
  options.timeout = options.max_timeout = std::max(time_left(), Duration(1));
  core_->request(
      method::tasks_result, [params = task_params()](Revision) { return params; }, options,
      [self = shared_from_this()](Outcome<Json> outcome) {
        if (!self->done_) return;
        if (!outcome.ok() && outcome.error().kind() == CallError::Kind::timed_out) {
          self->cancel_task();
        }
        self->end(std::move(outcome));
      });
}

void TaskCall::answer_questions(const Json& state) {
  if (++rounds_ > core_->options().limits.input_rounds) {
    cancel_task();
    return end(CallError(CallError::Kind::limit,
                         method_ + ": the task asked for input more than " +
                             std::to_string(core_->options().limits.input_rounds) + " times"));
  }
  Json questions = Json::object();
  auto requests = state.find("inputRequests");
  if (requests != state.end() && requests->is_object()) {
    for (const auto& [key, question] : requests->items()) {
      if (!answered_.contains(key)) questions[key] = question;
    }
  }
  if (questions.empty()) {
    --rounds_;  // it has not seen the answers yet
    return wait(state);
  }
  for (const auto& [key, question] : questions.items()) answered_.insert(key);
  core_->answer_questions(questions, stop_,
                          [self = shared_from_this()](Outcome<InputResponses> answers) {
                            if (!self->done_) return;
                            if (answers.ok()) {
                              return self->send_answers(std::move(answers).value());
                            }
                            self->cancel_task();
                            self->end(answers.error());
                          });
}

void TaskCall::send_answers(InputResponses answers) {
  Json params = task_params();
  add_input_responses(params, {.input_responses = std::move(answers)});
  core_->request(
      method::tasks_update, [params = std::move(params)](Revision) { return params; },
      options_for_poll(),
      [self = shared_from_this()](const Outcome<Json>& outcome) {
        if (!self->done_) return;
        if (!outcome.ok()) return self->end(outcome.error());
        self->ask_state();
      });
}

void TaskCall::give_up() {
  if (!done_) return;
  cancel_task();
  done_ = nullptr;
  core_->loop().cancel(timer_);
}

void TaskCall::cancel_task() {
  core_->request(
      method::tasks_cancel, [params = task_params()](Revision) { return params; },
      options_for_poll(), [](const Outcome<Json>&) {});
}

void TaskCall::end(Outcome<Json> outcome) {
  core_->loop().cancel(timer_);
  on_stop_.reset();
  if (auto done = std::exchange(done_, nullptr)) done(std::move(outcome));
}

}  // namespace mcp::client
