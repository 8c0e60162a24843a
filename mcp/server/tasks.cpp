#include <mcp/server/tasks.h>

#include <algorithm>
#include <utility>

#include <mcp/base/base64.h>
#include <mcp/base/ids.h>
#include <mcp/jsonrpc/codec.h>
#include <mcp/protocol/input_required.h>
#include <mcp/protocol/list.h>
#include <mcp/protocol/method.h>
#include <mcp/server/call_era.h>
#include <mcp/server/connection.h>
#include <mcp/server/engine.h>
#include <mcp/server/error_answer.h>
#include <mcp/server/run.h>

namespace mcp::server {
namespace {

constexpr std::size_t id_bytes = 24;
constexpr std::size_t page_size = 100;
// How often a handler looks whether the page that it waits for is done.
constexpr Duration page_look = std::chrono::seconds(1);
// Pages completed during one run of a task that are remembered: for more there is the next look.
constexpr std::size_t most_completed = 64;

Error unknown_task(const std::string& id) {
  return Error(error_code::invalid_params, "there is no task '" + id + "', or its time has passed");
}

std::string task_id(const Json& params) {
  const auto found = params.find("taskId");
  if (found == params.end()) throw Malformed("/taskId", "is missing");
  if (!found->is_string())
    throw Malformed("/taskId", "expected a string, found " + std::string(found->type_name()));
  return found->get<std::string>();
}

/// What the call itself would have been answered. Throws the error that it would have got.
Json result_of(const StoredTask& task) {
  const TaskState& state = task.state;
  if (state.status == TaskStatus::cancelled)
    throw Error(error_code::internal_error, "the task was cancelled");
  if (!state.error.is_null()) {
    throw Error(state.error.value("code", error_code::internal_error),
                state.error.value("message", std::string()), state.error.value("data", Json()));
  }
  Json result = state.result;
  result["_meta"][meta_key::related_task] = {{"taskId", state.id}};
  return result;
}

/// Whether requests of this method are part of the tasks of `revision`.
bool has_method(const std::string& method, Revision revision) {
  if (method == method::tasks_get || method == method::tasks_cancel)
    return has_core_tasks(revision) || inlines_task_results(revision);
  if (method == method::tasks_update) return inlines_task_results(revision);
  return has_core_tasks(revision);
}

}  // namespace

Tasks::Tasks(std::shared_ptr<TaskStore> store, Runtime& runtime)
    : store_(std::move(store)), runtime_(runtime) {}

// --- The life of a task ---

TaskState Tasks::create(const std::shared_ptr<Call>& call, const TaskOptions& options) {
  const ServerLimits& limits = call->core->options().limits;
  const auto now = runtime_.environment().wall_clock();
  Live live{.call = call};
  live.task.revision = call->revision();
  live.task.owner = call->caller.principal;
  TaskState& state = live.task.state;
  state.id = random_token(runtime_.environment(), id_bytes);
  state.status_message = options.status_message;
  state.created_at = state.last_updated_at = now;
  state.ttl = std::clamp(options.ttl, std::chrono::milliseconds(1), limits.task_ttl);
  state.poll_interval = std::max(options.poll_interval, std::chrono::milliseconds(1));
  const std::lock_guard lock(mutex_);
  if (live_.size() >= limits.running_tasks) throw overloaded("too many tasks are running");
  try {
    store_->insert(live.task, now);
  } catch (const std::runtime_error& error) {
    call->core->log(LogSeverity::error, call->title() + " can't be a task: " + error.what());
    throw overloaded("no room for another task");
  }
  call->task_id = state.id;
  live.expiry = runtime_.loop().schedule(state.ttl, [weak = weak_from_this(), id = state.id] {
    if (const auto tasks = weak.lock()) tasks->expire(id);
  });
  return live_.emplace(state.id, std::move(live)).first->second.task.state;
}

void Tasks::concluded(const std::shared_ptr<Call>& call, Outcome outcome) {
  Waiting waiting;
  StoredTask ended;
  std::shared_ptr<Run> asker;
  std::vector<Ask> asks;
  {
    const std::lock_guard lock(mutex_);
    const auto found = live_.find(call->task_id);
    if (found == live_.end()) return;  // cancelled, or its time has passed
    Live& live = found->second;
    if (outcome.waits_for.empty()) call->waits_since.reset();
    if (!outcome.asks.empty()) {
      ask(live, std::move(outcome.asks));
      asker = next_asker(live, asks);
    } else if (!outcome.waits_for.empty()) {
      wait_for_page(live, outcome.waits_for);
    } else {
      TaskState& state = live.task.state;
      if (outcome.error) {
        state.error = {{"code", outcome.error->code}, {"message", outcome.error->message}};
        if (!outcome.error->data.is_null()) state.error["data"] = std::move(outcome.error->data);
        changed(live, TaskStatus::failed, outcome.error->message);
      } else {
        const bool failed =
            !inlines_task_results(live.task.revision) && outcome.result.value("isError", false);
        state.result = std::move(outcome.result);
        if (failed) {
          changed(live, TaskStatus::failed, "the tool reports an error: see the result");
        } else {
          changed(live, TaskStatus::completed);
        }
      }
      ended = live.task;
      waiting = end(found);
    }
  }
  if (asker) asker->finish_forwarding(std::move(asks));
  tell(waiting, ended);
}

void Tasks::ask(Live& live, std::vector<Ask> asks) {
  Json& requests = live.task.state.input_requests = Json::object();
  for (Ask& one : asks) {
    // A key names one question of a task for ever: one that is asked again gets another.
    std::string key = one.key;
    for (int number = 2; !live.used_keys.insert(key).second; ++number)
      key = one.key + "-" + std::to_string(number);
    live.open[key] = one.key;
    requests[key] = {{"method", one.method}, {"params", std::move(one.params)}};
  }
  changed(live, TaskStatus::input_required);
}

void Tasks::wait_for_page(Live& live, const std::string& elicitation) {
  Call& call = *live.call;
  const TimePoint now = runtime_.loop().now();
  if (!call.waits_since) call.waits_since = now;
  const auto total = call_era(call).page_wait(call.core->options()).total;
  if (now - *call.waits_since >= total) {
    call.waits_since.reset();
    call.url_wait_over = true;
    rerun(live);
    return;
  }
  if (live.completed.contains(elicitation)) {
    rerun(live);
    return;
  }
  live.waits_for = elicitation;
  live.look = runtime_.loop().schedule(page_look, [weak = weak_from_this(), id = call.task_id] {
    const auto tasks = weak.lock();
    if (!tasks) return;
    const std::lock_guard lock(tasks->mutex_);
    if (const auto found = tasks->live_.find(id); found != tasks->live_.end())
      tasks->look_at_page(found->second);
  });
}

// The call runs once, whichever comes first: the next look, or the word that the page is done.
void Tasks::look_at_page(Live& live) {
  if (live.waits_for.empty()) return;
  live.waits_for.clear();
  runtime_.loop().cancel(std::exchange(live.look, Loop::TimerId::none));
  rerun(live);
}

void Tasks::elicitation_completed(const std::string& id) {
  const std::lock_guard lock(mutex_);
  for (auto& [task, live] : live_) {
    if (live.waits_for == id) {
      look_at_page(live);
    } else if (live.waits_for.empty() && live.completed.size() < most_completed) {
      live.completed.insert(id);  // its run may have looked before
    }
  }
}

void Tasks::rerun(Live& live) {
  live.completed.clear();
  runtime_.loop().post([call = live.call] {
    const auto engine = call->engine.lock();
    if (!engine) return;  // nobody is left to ask for the task
    engine->began(call);
    engine->turns().wait(call);
  });
}

void Tasks::changed(Live& live, TaskStatus status, std::string message) {
  TaskState& state = live.task.state;
  Core& core = *live.call->core;
  const auto now = runtime_.environment().wall_clock();
  state.status = status;
  state.status_message = std::move(message);
  state.last_updated_at = now;
  try {
    store_->update(live.task, now);
  } catch (const std::runtime_error& error) {
    core.log(LogSeverity::error, live.call->title() + ": its task can't be kept: " + error.what());
    state.status = TaskStatus::failed;
    state.status_message = "the outcome of the task can't be kept";
    state.result = state.input_requests = nullptr;
    state.error = {{"code", error_code::internal_error}, {"message", state.status_message}};
    try {
      store_->update(live.task, now);
    } catch (const std::runtime_error&) {
      // It stays as it is until its time has passed.
    }
  }
  if (inlines_task_results(live.task.revision)) {
    core.announce({Change::What::task, state.id, std::make_shared<const StoredTask>(live.task)});
    return;
  }
  runtime_.loop().post([weak = live.call->connection, task = live.task] {
    if (const auto connection = weak.lock()) connection->task_changed(task);
  });
}

Tasks::Waiting Tasks::end(Entry entry) {
  runtime_.loop().cancel(entry->second.expiry);
  runtime_.loop().cancel(entry->second.look);
  Waiting waiting = std::move(entry->second.waiting);
  live_.erase(entry);
  return waiting;
}

void Tasks::tell(const Waiting& waiting, const StoredTask& task) {
  for (const auto& run : waiting) {
    try {
      run->finish_result(result_of(task));
    } catch (const Error&) {
      run->fail(std::current_exception());
    }
  }
}

void Tasks::abandon(const Call& call) {
  const std::lock_guard lock(mutex_);
  const auto found = live_.find(call.task_id);
  if (found == live_.end()) return;
  found->second.call->stop.request_stop();  // nobody will ever ask for what comes of it
  store_->erase(call.task_id);
  end(found);
}

void Tasks::expire(const std::string& id) {
  Waiting waiting;
  StoredTask ended;
  {
    const std::lock_guard lock(mutex_);
    const auto found = live_.find(id);
    if (found == live_.end()) return;
    found->second.call->stop.request_stop();
    ended = found->second.task;
    ended.state.status = TaskStatus::cancelled;
    waiting = end(found);
  }
  tell(waiting, ended);
}

bool Tasks::is_live(const std::string& id, const std::string& owner) const {
  const std::lock_guard lock(mutex_);
  const auto found = live_.find(id);
  return found != live_.end() && found->second.task.owner == owner;
}

// --- Requests ---

Reply Tasks::answer(Run& run, const Json& params) {
  const Call& request = run.call();
  if (!request.snapshot->offers_tasks() || !has_method(request.method, request.revision()))
    throw Error(error_code::method_not_found, "unknown method '" + request.method + "'");
  call_era(request).require_tasks(request);
  if (request.method == method::tasks_list) return list(request, params);
  const StoredTask task = find(request, params);
  if (request.method == method::tasks_result) return result(run, task);
  if (request.method == method::tasks_update) {
    std::map<std::string, RecordedAnswer> answers;
    for (auto& [key, value] : from_json<InputResponseParams>(params).input_responses)
      answers[key].value = value;
    answered(task.state.id, answers);
    return Json::object();
  }
  if (request.method == method::tasks_get) return task_details(task.state, request.revision());
  if (!inlines_task_results(request.revision()) && is_terminal(task.state.status))
    throw Error(error_code::invalid_params,
                "the task has ended already: it is " + std::string(to_string(task.state.status)));
  cancel(task);
  if (inlines_task_results(request.revision())) return Json::object();
  return task_metadata(find(request, params).state, request.revision());
}

StoredTask Tasks::find(const Call& request, const Json& params) const {
  const std::string id = task_id(params);
  auto task = store_->find(id, runtime_.environment().wall_clock());
  // Somebody else's task, or one of the other era, is none.
  if (!task || task->owner != request.caller.principal || task->revision != request.revision())
    throw unknown_task(id);
  return *task;
}

void Tasks::cancel(const StoredTask& task) {
  Waiting waiting;
  StoredTask ended;
  {
    const std::lock_guard lock(mutex_);
    const auto found = live_.find(task.state.id);
    if (found == live_.end()) return;
    Live& live = found->second;
    changed(live, TaskStatus::cancelled, "cancelled by the client");
    // What is called back when a handler is stopped runs on the loop.
    runtime_.loop().post([call = live.call] { call->stop.request_stop(); });
    ended = live.task;
    waiting = end(found);
  }
  tell(waiting, ended);
}

void Tasks::answered(const std::string& id, const std::map<std::string, RecordedAnswer>& answers) {
  const std::lock_guard lock(mutex_);
  const auto found = live_.find(id);
  if (found == live_.end()) return;
  Live& live = found->second;
  Round& round = live.call->round;
  bool any = false;
  for (const auto& [key, answer] : answers) {
    const auto question = live.open.find(key);
    if (question == live.open.end()) continue;  // never asked, or answered before
    const std::string& name = question->second;
    round.answers[name] = {round.asked[name], answer.value, answer.error};
    round.asked.erase(name);
    live.task.state.input_requests.erase(key);
    live.open.erase(question);
    any = true;
  }
  if (!any) return;
  if (!live.open.empty()) {
    changed(live, TaskStatus::input_required);
    return;
  }
  live.task.state.input_requests = nullptr;
  live.call->url_wait_over = false;  // it was asked again, so there is a wait again
  changed(live, TaskStatus::working);
  rerun(live);
}

Json Tasks::list(const Call& request, const Json& params) const {
  const std::string& owner = request.caller.principal;
  if (owner.empty())
    throw Error(error_code::method_not_found,
                "tasks are only listed for callers that are identified");
  std::string after;
  if (const auto cursor = from_json<ListParams>(params).cursor; cursor && !cursor->empty()) {
    const auto bytes = base64url_decode(*cursor);
    if (!bytes) throw Malformed("/cursor", "not a cursor of this list: begin again without one");
    after.assign(bytes->begin(), bytes->end());
  }
  Json tasks = Json::array();
  const auto stored =
      store_->list(owner, after, page_size + 1, runtime_.environment().wall_clock());
  for (const StoredTask& task : stored) {
    if (tasks.size() < page_size && task.revision == request.revision())
      tasks.push_back(task_metadata(task.state, task.revision));
  }
  Json result = {{"tasks", std::move(tasks)}};
  if (stored.size() > page_size)
    result["nextCursor"] = base64url_encode(stored[page_size - 1].state.id);
  return result;
}

// --- `tasks/result`, which waits for the end and asks the client meanwhile ---

Reply Tasks::result(Run& run, const StoredTask& task) {
  Call& request = run.call();
  // A repeated run carries what the client answered on its stream.
  if (auto answers = std::exchange(request.round.answers, {}); !answers.empty())
    answered(task.state.id, answers);
  std::shared_ptr<Run> asker;
  std::vector<Ask> asks;
  {
    const std::lock_guard lock(mutex_);
    const auto found = live_.find(task.state.id);
    if (found != live_.end()) {
      Live& live = found->second;
      std::erase_if(live.waiting, [](const auto& other) {
        return other->call().stop.get_token().stop_requested();
      });
      if (live.asking.lock().get() == &request) live.asking.reset();
      run.set_deferred();
      live.waiting.push_back(run.shared_from_this());
      asker = next_asker(live, asks);
    }
  }
  if (asker) asker->finish_forwarding(std::move(asks));
  if (run.is_deferred()) return Reply::pending();
  const auto ended = store_->find(task.state.id, runtime_.environment().wall_clock());
  if (!ended) throw unknown_task(task.state.id);
  return result_of(*ended);
}

std::shared_ptr<Run> Tasks::next_asker(Live& live, std::vector<Ask>& asks) {
  if (live.open.empty() || live.waiting.empty()) return nullptr;
  if (const auto asking = live.asking.lock(); asking && !asking->stop.get_token().stop_requested())
    return nullptr;
  auto run = live.waiting.front();
  live.waiting.erase(live.waiting.begin());
  live.asking = run->shared_call();
  for (const auto& [key, request] : live.task.state.input_requests.items())
    asks.push_back({key, request["method"].get<std::string>(), request["params"]});
  return run;
}

}  // namespace mcp::server
