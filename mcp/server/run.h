#pragma once

#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <mcp/server/call.h>
#include <mcp/server/middleware.h>

namespace mcp::server {

/// One run of a handler: what stands behind its Context and Responder. It collects questions,
/// answers from what the call has learnt, and delivers the outcome to the connection, once.
///
/// All of it belongs to the handler's thread until the handler has returned, and only then to the
/// thread that ends a deferred one: the end that comes earlier waits (`end_deferred`). The
/// exceptions say so.
class Run : public std::enable_shared_from_this<Run> {
 public:
  /// Runs the handler of `call` on this thread, from its start.
  static void start(std::shared_ptr<Call> call);

  explicit Run(std::shared_ptr<Call> call);
  ~Run();
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  Call& call() { return *call_; }

  // --- For Context and Responder ---
  /// Throws Suspended on the handler's own thread, when it went on after its question.
  void check_suspended() const;
  /// Any thread.
  bool client_can(ClientFeature feature) const;
  /// Any thread.
  void progress(double progress, std::optional<double> total, std::string_view message);
  /// Any thread.
  void log(LoggingLevel level, Json data, std::string logger);
  /// Any thread.
  void release_connection(Duration retry);
  /// The answer to `request` under `key` (to any form, without `request`); null when it is not
  /// there. Throws the error that the client answered.
  const Json* recorded_answer(const std::string& key, const InputRequest* request);
  void reject_answer(const std::string& key, const Malformed& why);
  /// Throws when this is no place to ask: another thread, inside `once`, a list or a completion.
  void check_place() const;
  /// A key names one question of a run.
  void claim_key(const std::string& key);
  /// Throws when the client can't be asked this.
  void require(const InputRequest& request) const;
  void open_question(const std::string& key, const InputRequest& request);
  [[noreturn]] void suspend();
  ElicitAction elicit_url(const std::string& key, std::string url, std::string message,
                          const std::function<bool()>& is_done);
  std::string elicitation_id(const std::string& key);
  Json run_step(const std::string& key, bool ever, const std::function<Json()>& fn);
  /// Until the run ends; the handler's own thread only.
  void keep_alive(std::shared_ptr<const void> value) { kept_.push_back(std::move(value)); }

  /// See Context::continue_as_task.
  bool continue_as_task(const TaskOptions& options);
  /// Answers the client with a task; what follows belongs to the task.
  void become_task(const TaskOptions& options);

  // --- For deferred handlers; any thread, and only the first of them counts ---
  void set_deferred() { deferred_ = true; }
  bool is_deferred() const { return deferred_; }
  /// Answers with the tool's result, or as if the handler had thrown `error`.
  void finish(ToolResult result);
  void fail(std::exception_ptr error);
  /// Answers with a result as it goes out.
  void finish_result(Json result);
  /// Ends the run with these questions.
  void finish_asking(std::vector<OpenQuestion> questions);
  /// Ends the run with questions of a task.
  void finish_forwarding(std::vector<Ask> asks);
  const std::shared_ptr<Call>& shared_call() const { return call_; }

 private:
  void execute();
  Reply through_middleware(Context& context);
  void check_thread() const;
  const std::string& nonce();
  void returned(std::exception_ptr error, Reply reply);
  /// Runs `ending` when the handler has returned: what it does would meet the handler's own use of
  /// the call, and the next run must not begin beside this one.
  void end_deferred(std::function<void()> ending);
  void conclude(std::exception_ptr error, Reply reply);
  Outcome outcome_of(std::exception_ptr error, Reply reply);
  Outcome ask_outcome();
  Outcome error_outcome(const std::exception_ptr& error);
  Outcome result_outcome(Reply reply);
  void notify(const char* method, Json params);
  void count() const;
  void audit(const Outcome& outcome) const noexcept;
  void deliver(Outcome outcome);

  const std::shared_ptr<Call> call_;
  const std::thread::id thread_;
  const TimePoint began_;
  std::vector<std::shared_ptr<const void>> kept_;
  std::set<std::string> keys_;       ///< asked in this run
  std::set<std::string> step_keys_;  ///< of `once` and `once_ever` in this run
  std::set<std::string> unread_;     ///< recorded answers that this run has not reached yet
  std::vector<Ask> questions_;
  std::string waits_for_;
  std::optional<CallEnd> end_;  ///< none: it asks
  bool suspended_ = false;
  bool in_step_ = false;
  bool deferred_ = false;
  std::atomic<bool> is_task_;
  std::atomic<bool> all_read_ = true;
  std::mutex ending_mutex_;
  std::function<void()> ending_;  ///< of a deferred handler that has not returned
  bool returned_ = false;
  bool ended_ = false;
  std::mutex progress_mutex_;  ///< held to set `done_`, and while the round's progress is used
  std::atomic<bool> done_ = false;
};

/// The run behind a handler's context. Throws as the context does.
Run& run_of(const CallContext& context);

}  // namespace mcp::server
