#pragma once

#include <any>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <mcp/base/runtime.h>
#include <mcp/protocol/capabilities.h>
#include <mcp/protocol/logging.h>
#include <mcp/protocol/meta.h>
#include <mcp/server/question.h>

namespace mcp {

namespace server {
class Run;
}

/// Unwinds a handler whose question is not answered yet. Not a std::exception, so that handlers
/// which catch those do not meet it; one that swallows it all the same is suspended anyway.
class Suspended final {};

/// What `ctx.ask` returns: stands for any result, because what a handler returns after it has asked
/// is dropped.
struct Asked {
  template <class T>
  requires std::is_default_constructible_v<T>
  operator T() const {  // NOLINT: written as `return ctx.ask(...)`
    return T{};
  }
};

/// How a call goes on as a task.
struct TaskOptions {
  /// How long the task and its result are kept, from its creation on; at most
  /// `ServerLimits::task_ttl`. The handler is stopped when it takes longer.
  std::chrono::milliseconds ttl = std::chrono::hours(1);
  /// How often the client should ask for its state.
  std::chrono::milliseconds poll_interval = std::chrono::seconds(1);
  std::string status_message = {};  ///< what it does, for people
};

/// What every handler may know of its call. Valid during the handler; from any of its threads,
/// except `data`. On the handler's own thread everything throws Suspended once the handler should
/// have been unwound by it; not in destructors while it is.
class CallContext {
 public:
  explicit CallContext(server::Run& run) : run_(run) {}
  CallContext(const CallContext&) = delete;
  CallContext& operator=(const CallContext&) = delete;

  /// The request's `_meta` as it came; null when there is none.
  const Json& meta() const;
  /// W3C trace context of the request; empty members were not sent.
  const TraceContext& trace() const;
  /// Who calls, as the transport authenticated it; empty on stdio.
  const std::string& principal() const;
  /// The client program as it names itself; not to be trusted.
  const std::optional<Implementation>& client() const;
  bool client_can(ClientFeature feature) const;
  /// Requested when the call is cancelled or the server stops. Callbacks registered on it run on
  /// the loop and must not block.
  std::stop_token stop_token() const;
  /// Whatever middleware wants to hand to handlers; lives as long as the call. The handler's own
  /// thread only: nothing guards it.
  std::map<std::string, std::any>& data();

 protected:
  server::Run& run() const;
  server::Run& run_;
};

/// What tools, prompts and resource reads may do besides answering.
///
/// **A handler is replayed.** `ctx.elicit` returns the answer when the call carries it; else the
/// handler is unwound, the question goes out, and the handler runs again from its start when the
/// answer is there. Everything before a question therefore runs again: what must not happen twice
/// belongs into `once`. No thread waits for a person, in either era.
///
/// Asks and `once` only on the handler's own thread, not in destructors, `noexcept` functions or
/// inside `once`. `progress` and `log` from any thread.
class Context : public CallContext {
 public:
  using CallContext::CallContext;

  /// Tells how far the call is, to a client that asked for it. What is not more than the last value
  /// is dropped, and so is everything before the last question that was answered.
  void progress(double progress, std::string_view message = {});
  void progress(double progress, double total, std::string_view message = {});
  /// A log message for the client, from the level on that it wants. Throttle it yourself; no
  /// secrets.
  void log(LoggingLevel level, Json data, std::string logger = {});

  /// For calls that take minutes: the client may let its connection go and come back for the
  /// result after `retry`, where its revision and transport know how (2025-11-25,
  /// basic/transports, "Sending Messages to the Server"). Elsewhere it does nothing. From any
  /// thread.
  void release_connection(Duration retry);

  /// For work that takes minutes or must survive the client's connection: the client is answered
  /// with a task now, and asks for its state and result later, or is told of them; the handler goes
  /// on as before. True from then on, in every replay too. False when this client knows no tasks:
  /// the call is answered as usual. What is asked before it is asked by the call itself, what is
  /// asked after it by the task. A cancelled task requests the stop token.
  ///
  /// For tools only, that declare `task_support` (`required`: clients without tasks are refused
  /// before the handler runs). Through 2025-11-25 the client decides and the call is a task from
  /// its start. A handler that waits should be a deferred one: a working task keeps its thread.
  /// Throws Error when the server has no room for another task.
  bool continue_as_task(const TaskOptions& options = {});

  // --- Asking ---
  // All of them throw, when the client can't do what is asked: ToolError or Error as the era wants
  // it; when the client answered with an error or did not answer in time (sampling, roots): Error.
  // A form that is not answered in time (10 minutes by default) is cancelled.
  // A key used twice in one run throws std::logic_error.

  template <class T>
  Elicited<T> elicit(std::string key, std::string message) {
    return std::get<0>(ask_all(mcp::elicit<T>(std::move(key), std::move(message))));
  }
  Elicited<Json> elicit(std::string key, std::string message, const Json& schema) {
    return std::get<0>(ask_all(mcp::elicit(std::move(key), std::move(message), schema)));
  }
  CreateMessageResult sample(std::string key, CreateMessageParams params) {
    return std::get<0>(ask_all(mcp::sample(std::move(key), std::move(params))));
  }
  std::vector<Root> roots(std::string key = "roots") {
    return std::get<0>(ask_all(mcp::roots(std::move(key))));
  }
  /// Several questions in one round: `auto [a, b] = ctx.ask_all(mcp::elicit<A>("a", "…"),
  /// mcp::roots("b"))`.
  template <class... Answers>
  std::tuple<Answers...> ask_all(const Question<Answers>&... questions) {
    (require(questions.request), ...);  // before any of them is open
    std::tuple<std::optional<Answers>...> answers{look_up(questions)...};
    return std::apply(
        [this](auto&... answer) {
          if ((!answer.has_value() || ...)) suspend();
          return std::tuple<Answers...>(std::move(*answer)...);
        },
        answers);
  }

  /// Sends the user to a page. `accept` means that the user agreed and that `is_done` (asked on
  /// every run, in the author's own store) is true. While it is not, the call waits: session era
  /// for `Server::complete`, stateless era for some seconds, then the client is asked again.
  ElicitAction elicit_url(std::string key, std::string url, std::string message,
                          const std::function<bool()>& is_done);
  /// The identifier of the question `key`, the same on every run of this call: put it into the URL,
  /// and give it to `Server::complete` when the page is done.
  std::string elicitation_id(const std::string& key);

  // --- Asking without unwinding ---
  // `if (auto* sure = ctx.answer(question)) … else return ctx.ask(question);`

  /// The answer, or null when the call does not carry one that fits. Valid until the handler ends.
  template <class Answer>
  const Answer* answer(const Question<Answer>& question) {
    return keep(read(question, recorded_answer(question.key, &question.request)));
  }
  /// The answer to a form, whatever its message was.
  template <class T>
  const Elicited<T>* answer(const std::string& key) {
    return keep(read(mcp::elicit<T>(key, ""), recorded_answer(key, nullptr)));
  }
  /// Asks; may be called for several questions of one round. Return what it returns.
  template <class Answer>
  Asked ask(const Question<Answer>& question) {
    claim_key(question.key);
    open_question(question.key, question.request);
    return {};
  }
  template <class T>
  Asked ask(std::string key, std::string message) {
    return ask(mcp::elicit<T>(std::move(key), std::move(message)));
  }

  // --- Steps that must not run again ---
  // `once` and `once_ever` share their keys; one used twice in a run throws std::logic_error, also
  // when its first step threw.

  /// Runs `fn` once per call: its value (void, Json or anything that describes itself) travels with
  /// the answers. It may run again when the client sends the same round twice.
  template <class F>
  std::invoke_result_t<F> once(const std::string& key, F&& fn) {
    return step(key, false, fn);
  }
  /// Runs `fn` at most once for each call whose `requestState` comes back, also when the client
  /// sends a round twice: recorded in the server's store before it runs, for twice
  /// `ServerOptions::state_lifetime`, and as far as the store is shared. A call repeated from
  /// scratch is a new call. When it began and its end is unknown, throws Error instead of running
  /// it again; a step that threw counts as begun.
  template <class F>
  std::invoke_result_t<F> once_ever(const std::string& key, F&& fn) {
    return step(key, true, fn);
  }

 private:
  const Json* recorded_answer(const std::string& key, const InputRequest* request);
  void require(const InputRequest& request);
  void claim_key(const std::string& key);
  void open_question(const std::string& key, const InputRequest& request);
  void reject_answer(const std::string& key, const Malformed& why);
  void keep_alive(std::shared_ptr<const void> value);
  [[noreturn]] void suspend();
  Json run_step(const std::string& key, bool ever, const std::function<Json()>& fn);

  template <class Answer>
  std::optional<Answer> read(const Question<Answer>& question, const Json* recorded) {
    if (recorded == nullptr) return std::nullopt;
    try {
      return question.read(*recorded);
    } catch (const Malformed& why) {
      reject_answer(question.key, why);
      return std::nullopt;
    }
  }
  template <class Answer>
  std::optional<Answer> look_up(const Question<Answer>& question) {
    claim_key(question.key);
    auto answer = read(question, recorded_answer(question.key, &question.request));
    if (!answer) open_question(question.key, question.request);
    return answer;
  }
  template <class Answer>
  const Answer* keep(std::optional<Answer> answer) {
    if (!answer) return nullptr;
    auto kept = std::make_shared<const Answer>(std::move(*answer));
    keep_alive(kept);
    return kept.get();
  }
  template <class F>
  std::invoke_result_t<F> step(const std::string& key, bool ever, F& fn) {
    using T = std::invoke_result_t<F>;
    const Json value = run_step(key, ever, [&fn]() -> Json {
      if constexpr (std::is_void_v<T>) {
        fn();
        return nullptr;
      } else if constexpr (std::is_same_v<T, Json>) {
        return fn();
      } else {
        return mcp::encode<T>(fn());
      }
    });
    if constexpr (std::is_same_v<T, Json>) {
      return value;
    } else if constexpr (!std::is_void_v<T>) {
      auto decoded = mcp::decode<T>(value);
      if (auto* known = std::get_if<0>(&decoded)) return std::move(*known);
      throw Error(error_code::internal_error, "the value of step '" + key + "' has another type");
    }
  }
};

}  // namespace mcp
