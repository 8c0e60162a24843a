#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include <mcp/server/connection.h>
#include <mcp/server/core.h>
#include <mcp/server/gate.h>
#include <mcp/server/turns.h>

namespace mcp::server {

class Tasks;

/// A server on a runtime: what its connections share. For programs with a transport or loop of
/// their own; `mcp::connect` and `mcp::serve` are built on it.
///
///     auto engine = mcp::server::Engine::create(server, runtime);
///     auto connection = engine->connect(outlet);   // on the loop, like all that follows
///     connection->receive(bytes);                  // answers go to the outlet
///     connection->close();
class Engine final : public ChangeListener, public std::enable_shared_from_this<Engine> {
 public:
  ~Engine();
  /// `runtime` must outlive the engine. Any thread.
  static std::shared_ptr<Engine> create(const Server& server, Runtime& runtime);

  /// A connection whose messages go to `outlet`. Loop only.
  std::shared_ptr<Connection> connect(std::shared_ptr<Outlet> outlet);
  /// Asks every running handler to stop. Loop only.
  void request_stop();
  /// The calls whose handlers have not ended, cancelled ones included. Loop only.
  std::vector<std::string> running() const;
  std::size_t running_count() const { return running_.size(); }

  /// Calls `done` when no handler runs, perhaps at once. Loop only.
  void when_idle(std::function<void()> done);

  // --- For connections; loop only ---
  const std::shared_ptr<Core>& core() const { return core_; }
  const std::shared_ptr<Tasks>& tasks() const { return tasks_; }
  Runtime& runtime() { return runtime_; }
  Gate& gate() { return gate_; }
  /// Where runs of handlers wait for a worker.
  Turns& turns() { return *turns_; }
  void disconnected(const Connection& connection) { connections_.erase(&connection); }
  void began(const std::shared_ptr<Call>& call);
  void ended(const Call& call);

  void changed(const Change& change) override;

 private:
  Engine(std::shared_ptr<Core> core, Runtime& runtime);
  void publish(const Change& change);

  const std::shared_ptr<Core> core_;
  Runtime& runtime_;
  const std::shared_ptr<Tasks> tasks_;
  const std::shared_ptr<Turns> turns_;
  Gate gate_;
  std::unordered_map<const Connection*, std::weak_ptr<Connection>> connections_;
  std::unordered_map<const Call*, std::shared_ptr<Call>> running_;
  std::function<void()> idle_;
  // Lists that changed since the loop last told the connections: many registrations, one message.
  std::atomic<unsigned> changed_lists_ = 0;
};

}  // namespace mcp::server
