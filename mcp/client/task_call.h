#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>

#include <mcp/client/call.h>
#include <mcp/protocol/input_required.h>
#include <mcp/protocol/task.h>

namespace mcp::client {

class Core;

/// Sees a call to its end that the server has made a task: asks how it stands as often as the
/// server wants, answers its questions, and fetches its result, so that the caller notices nothing.
/// On the loop; keeps itself until the task has ended.
class TaskCall : public std::enable_shared_from_this<TaskCall> {
 public:
  /// `options` are the call's. When `stop` is requested before `done` was called, the server is
  /// told to cancel the task, and `done` is not called any more.
  TaskCall(std::shared_ptr<Core> core, std::string method, CallOptions options,
           std::stop_token stop, Callback<Json> done);

  /// `created` is what the call was answered with. Throws Malformed, before `done` could be called.
  void start(const Json& created);

 private:
  void wait(const Json& state);
  void ask_state();
  void told(const Json& state);
  void fetch_result();
  void answer_questions(const Json& state);
  void send_answers(InputResponses answers);
  void give_up();
  void cancel_task();
  void end(Outcome<Json> outcome);

  Json task_params() const;
  CallOptions options_for_poll() const;
  Duration time_left() const;

  const std::shared_ptr<Core> core_;
  const std::string method_;
  const CallOptions options_;
  const std::stop_token stop_;
  Callback<Json> done_;
  Revision revision_;
  std::string id_;
  TimePoint deadline_;
  Loop::TimerId timer_ = Loop::TimerId::none;
  std::set<std::string> answered_;  ///< keys of questions; the server may still show them
  std::size_t rounds_ = 0;
  std::optional<std::stop_callback<std::function<void()>>> on_stop_;
};

}  // namespace mcp::client
