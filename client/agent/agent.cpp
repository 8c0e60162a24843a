#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>

#include <client/agent/agent.h>
#include <client/agent/time_text.h>
#include <client/agent/tool_names.h>
#include <client/agent/tool_run.h>
#include <client/model/model_clock.h>

namespace fairlead::agent {
namespace {

using std::chrono::milliseconds;

/// Stops a question when its time is over.
class Deadline {
 public:
  Deadline(milliseconds time, const Agent::Wait& wait, std::stop_source& question)
      : thread_([this, time, &wait, &question](std::stop_token done) {
          if (time.count() <= 0 || !wait(time, std::move(done))) return;
          passed_ = true;
          question.request_stop();
        }) {}

  bool passed() const { return passed_; }

 private:
  std::atomic<bool> passed_ = false;
  std::jthread thread_;
};

/// Lets one thread at a time through to an observer.
class OneAtATime {
 public:
  explicit OneAtATime(AgentObserver& observer) : observer_(observer) {}
  template <typename Call>
  void tell(Call call) {
    const std::lock_guard lock(mutex_);
    call(observer_);
  }

 private:
  std::mutex mutex_;
  AgentObserver& observer_;
};

}  // namespace

const char* to_string(End end) {
  switch (end) {
    case End::answered:
      return "answered";
    case End::incomplete:
      return "incomplete";
    case End::model_error:
      return "model_error";
    case End::server_failed:
      return "server_failed";
    case End::turn_limit:
      return "turn_limit";
    case End::time_limit:
      return "time_limit";
    case End::cancelled:
      break;
  }
  return "cancelled";
}

Agent::Agent(Model& model, Toolbox& toolbox, AgentOptions options, Wait wait)
    : model_(model),
      toolbox_(toolbox),
      options_(std::move(options)),
      wait_(wait ? std::move(wait) : ModelClock::system().wait) {}

Outcome Agent::ask(const std::string& question, AgentObserver& observer, std::stop_token stop) {
  history_.push_back(text_message(Role::user, question));
  std::stop_source until_end;
  const std::stop_callback pass_on(stop, [&] { until_end.request_stop(); });
  const Deadline deadline(options_.max_time, wait_, until_end);
  Outcome outcome = converse(observer, until_end.get_token());
  if (outcome.end == End::cancelled) {
    if (deadline.passed() && !stop.stop_requested()) {
      outcome.end = End::time_limit;
      outcome.message = "stopped: the question took longer than " + in_words(options_.max_time);
    } else {
      outcome.message = "cancelled";
    }
  }
  return outcome;
}

Outcome Agent::converse(AgentObserver& observer, std::stop_token stop) {
  Outcome outcome;
  const auto end = [&](End how, std::string message) {
    outcome.end = how;
    outcome.message = std::move(message);
    return outcome;
  };
  while (outcome.turns < options_.max_turns) {
    if (stop.stop_requested()) return end(End::cancelled, {});
    ++outcome.turns;
    observer.turn_started(outcome.turns);

    ModelRequest request;
    if (!options_.system.empty()) {
      request.messages.push_back(text_message(Role::system, options_.system));
    }
    request.messages.insert(request.messages.end(), history_.begin(), history_.end());
    request.max_tokens = options_.max_tokens;
    request.temperature = options_.temperature;
    request.stream = options_.stream;
    ModelReply reply;
    std::optional<ToolNames> names;
    try {
      names.emplace(toolbox_.tools(stop));
    } catch (const std::exception& error) {
      if (stop.stop_requested()) return end(End::cancelled, {});
      return end(End::server_failed, error.what());
    }
    request.tools = names->schemas();
    try {
      reply = model_.reply(request, observer, stop);
    } catch (const ModelError& error) {
      if (error.kind() == ModelError::Kind::cancelled) return end(End::cancelled, {});
      return end(End::model_error, error.what());
    }
    outcome.usage += reply.usage;
    outcome.served_by = reply.served_by;
    if (std::string text = text_of(reply.message); !text.empty()) outcome.text = std::move(text);
    const std::vector<ToolCall> calls = tool_calls_of(reply.message);
    if (!reply.message.parts.empty()) history_.push_back(std::move(reply.message));

    if (calls.empty()) {
      if (reply.finish == FinishReason::length) {
        return end(End::incomplete, "the answer was cut at the model's token limit");
      }
      if (reply.finish == FinishReason::content_filter) {
        return end(End::incomplete, "the gateway withheld the answer");
      }
      if (text_of(history_.back()).empty() || history_.back().role != Role::assistant) {
        return end(End::model_error, "the model answered nothing");
      }
      return end(End::answered, {});
    }
    if (reply.finish == FinishReason::length || reply.finish == FinishReason::content_filter) {
      // What was cut may still be valid JSON, and mean something else. The history needs results.
      Message refusals;
      refusals.role = Role::user;
      for (const ToolCall& call : calls) {
        refusals.parts.emplace_back(
            ToolResult{call.id, {Text{"Not run: the reply with this call was cut."}}, true});
      }
      history_.push_back(std::move(refusals));
      return end(End::incomplete, reply.finish == FinishReason::length
                                      ? "the answer was cut at the model's token limit; its tool "
                                        "calls were not run"
                                      : "the gateway withheld the answer; its tool calls were "
                                        "not run");
    }
    outcome.tool_calls += static_cast<int>(calls.size());
    history_.push_back(run_calls(calls, *names, observer, stop));
  }
  return end(End::turn_limit,
             "stopped after " + std::to_string(outcome.turns) + " turns without a final answer");
}

Message Agent::run_calls(const std::vector<ToolCall>& calls, const ToolNames& names,
                         AgentObserver& observer, std::stop_token stop) const {
  std::vector<ToolResult> results(calls.size());
  std::atomic<std::size_t> next = 0;
  OneAtATime events(observer);
  const auto work = [&] {
    for (std::size_t i = next++; i < calls.size(); i = next++) {
      events.tell([&](AgentObserver& to) { to.tool_started(calls[i]); });
      const auto start = std::chrono::steady_clock::now();
      results[i] = run_tool_call(calls[i], names, toolbox_, options_.max_result_bytes, stop);
      const auto time =
          std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - start);
      events.tell([&](AgentObserver& to) { to.tool_ended(calls[i], results[i], time); });
    }
  };
  {
    std::vector<std::jthread> workers;
    const std::size_t wanted =
        std::min(calls.size(), std::max<std::size_t>(options_.max_parallel_calls, 1));
    for (std::size_t i = 1; i < wanted; ++i) workers.emplace_back(work);
    work();
  }
  Message message;
  message.role = Role::user;
  for (ToolResult& result : results) message.parts.emplace_back(std::move(result));
  return message;
}

}  // namespace fairlead::agent
