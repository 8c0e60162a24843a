#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include <mcp/server/call.h>
#include <mcp/server/middleware.h>
#include <mcp/store/task_store.h>

namespace mcp::server {

/// The tasks of an engine: calls whose clients were answered with a task, and whose handlers go on.
///
///     handler ─► create ─► Connection::became_task (the client gets the task's id)
///        └ runs on ─► concluded ─┬ result, error: ended; only the store knows it from now on
///                                └ questions: `tasks/get` tells them, `tasks/update` answers them;
///                                  in the session era they go out on the stream of `tasks/result`
///
/// While a run of the handler lasts the call's round is the run's, between runs it is guarded by
/// the lock. Thread-safe; what may meet a blocking store runs on workers.
class Tasks : public std::enable_shared_from_this<Tasks> {
 public:
  Tasks(std::shared_ptr<TaskStore> store, Runtime& runtime);

  /// Makes `call` a task, on its handler's thread. Throws Error when there is no room.
  TaskState create(const std::shared_ptr<Call>& call, const TaskOptions& options);
  /// What a run of the task's handler came to.
  void concluded(const std::shared_ptr<Call>& call, Outcome outcome);
  /// The client went before it could learn the task's id.
  void abandon(const Call& call);
  /// The page of an elicitation is done (`Server::complete`): whose task waits for it goes on.
  void elicitation_completed(const std::string& id);
  /// Whether the task has not ended and is `owner`'s.
  bool is_live(const std::string& id, const std::string& owner) const;

  /// Answers `tasks/…`. Throws Error.
  Reply answer(Run& run, const Json& params);

 private:
  struct Live {
    std::shared_ptr<Call> call;
    StoredTask task = {};
    std::map<std::string, std::string> open = {};    ///< the key on the wire: the handler's
    std::set<std::string> used_keys = {};            ///< on the wire, ever
    std::vector<std::shared_ptr<Run>> waiting = {};  ///< `tasks/result`
    std::weak_ptr<Call> asking = {};                 ///< the `tasks/result` that asks the client
    Loop::TimerId expiry = Loop::TimerId::none;
    std::string waits_for = {};  ///< the elicitation whose page is not done; empty while it runs
    Loop::TimerId look = Loop::TimerId::none;
    std::set<std::string> completed = {};  ///< elicitations that were completed during a run
  };
  using Entry = std::unordered_map<std::string, Live>::iterator;
  using Waiting = std::vector<std::shared_ptr<Run>>;

  StoredTask find(const Call& request, const Json& params) const;
  Reply result(Run& run, const StoredTask& task);
  Json list(const Call& request, const Json& params) const;
  void cancel(const StoredTask& task);
  void answered(const std::string& id, const std::map<std::string, RecordedAnswer>& answers);

  // Under the lock.
  void ask(Live& live, std::vector<Ask> asks);
  void wait_for_page(Live& live, const std::string& elicitation);
  void look_at_page(Live& live);
  void rerun(Live& live);
  void changed(Live& live, TaskStatus status, std::string message = {});
  Waiting end(Entry entry);
  std::shared_ptr<Run> next_asker(Live& live, std::vector<Ask>& asks);

  void expire(const std::string& id);
  static void tell(const Waiting& waiting, const StoredTask& task);

  const std::shared_ptr<TaskStore> store_;
  Runtime& runtime_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Live> live_;
};

}  // namespace mcp::server
