#include <mcp/server/engine.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include <mcp/server/tasks.h>

namespace mcp::server {
namespace {

constexpr Change::What lists[] = {Change::What::tools, Change::What::resources,
                                  Change::What::prompts};

constexpr unsigned bit_of(Change::What what) {
  return 1U << static_cast<unsigned>(what);
}

}  // namespace

Engine::Engine(std::shared_ptr<Core> core, Runtime& runtime)
    : core_(std::move(core)),
      runtime_(runtime),
      tasks_(std::make_shared<Tasks>(core_->options().tasks, runtime)),
      turns_(std::make_shared<Turns>(runtime.executor())),
      gate_(core_, runtime) {}

Engine::~Engine() {
  turns_->clear();  // the calls that wait there hold it
}

std::shared_ptr<Engine> Engine::create(const Server& server, Runtime& runtime) {
  std::shared_ptr<Engine> engine(new Engine(server.core(), runtime));
  engine->core_->listen(engine);
  return engine;
}

std::shared_ptr<Connection> Engine::connect(std::shared_ptr<Outlet> outlet) {
  auto connection = std::make_shared<Connection>(shared_from_this(), std::move(outlet));
  connections_[connection.get()] = connection;
  return connection;
}

void Engine::request_stop() {
  const auto running = running_;  // a call may end while it is told
  for (const auto& [address, call] : running) call->stop.request_stop();
}

std::vector<std::string> Engine::running() const {
  std::vector<std::string> titles;
  for (const auto& [address, call] : running_) titles.push_back(call->title());
  return titles;
}

void Engine::began(const std::shared_ptr<Call>& call) {
  running_[call.get()] = call;
}

void Engine::ended(const Call& call) {
  running_.erase(&call);
  if (running_.empty() && idle_) std::exchange(idle_, {})();
}

void Engine::when_idle(std::function<void()> done) {
  if (running_.empty()) {
    done();
  } else {
    idle_ = std::move(done);
  }
}

void Engine::changed(const Change& change) {
  const unsigned bit = bit_of(change.what);
  const bool is_list =
      std::find(std::begin(lists), std::end(lists), change.what) != std::end(lists);
  if (is_list && changed_lists_.fetch_or(bit) != 0) return;  // a task is on its way
  runtime_.loop().post([weak = weak_from_this(), change, is_list] {
    const auto engine = weak.lock();
    if (!engine) return;
    if (!is_list) {
      engine->publish(change);
      return;
    }
    const unsigned changed = engine->changed_lists_.exchange(0);
    for (const Change::What list : lists) {
      if ((changed & bit_of(list)) != 0) engine->publish({list});
    }
  });
}

void Engine::publish(const Change& change) {
  if (change.what == Change::What::elicitation) tasks_->elicitation_completed(change.subject);
  const auto connections = connections_;  // one may go while it is told
  for (const auto& [address, weak] : connections) {
    if (const auto connection = weak.lock()) connection->publish(change);
  }
}

}  // namespace mcp::server
