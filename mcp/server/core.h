#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <mcp/server/audit.h>
#include <mcp/server/metrics.h>
#include <mcp/server/request_state.h>
#include <mcp/server/snapshot.h>
#include <mcp/server/watching.h>
#include <mcp/store/task_store.h>

namespace mcp::server {

/// What clients may want to hear of.
struct Change {
  enum class What { tools, resources, prompts, resource, elicitation, task };
  What what;
  std::string subject = {};  ///< the resource's URI, the elicitation's or task's id
  std::shared_ptr<const StoredTask> task = {};
};

/// Told of every change, on any thread.
class ChangeListener {
 public:
  virtual ~ChangeListener() = default;
  virtual void changed(const Change& change) = 0;
};

/// Bytes of messages in flight, given back when the last copy goes.
using Charge = std::shared_ptr<void>;

/// The shared inside of a Server: connections and running calls keep it alive. Thread-safe.
class Core : public std::enable_shared_from_this<Core> {
 public:
  Core(Implementation info, ServerOptions options);

  const std::shared_ptr<const Settings> settings;
  const std::shared_ptr<Store> store;
  Metrics metrics;

  // Changed only before the first connection, and not guarded.
  StateSealer sealer;
  Logger logger;
  std::shared_ptr<AuditLog> audit;  ///< none: nothing is recorded
  std::vector<Middleware> middleware;
  std::vector<OutgoingMiddleware> outgoing;
  WatchHandlers watch_handlers;

  const ServerOptions& options() const { return settings->options; }

  /// Seals for the client to carry; the first time tells the operator when no other process could
  /// open it.
  std::string seal(const Json& payload, std::string_view bound_to, Environment& environment);

  /// The features as they are now.
  std::shared_ptr<const Snapshot> snapshot();
  /// Changes them under the lock, then tells who listens; `edit` says whether anything changed.
  template <class Edit>
  bool change(Change::What what, Edit edit) {
    {
      std::lock_guard lock(mutex_);
      if (!edit(features_)) return false;
      snapshot_ = nullptr;
    }
    announce({what});
    return true;
  }
  void announce(const Change& change);
  void listen(std::weak_ptr<ChangeListener> listener);

  /// Null when the budget for messages in flight is used up.
  Charge charge(std::size_t bytes);
  /// What is left of it.
  std::size_t room() const;
  /// What is used of it.
  std::size_t charged() const { return *bytes_in_flight_; }

  /// Somebody watches the resource until the last copy of the result goes; the author is told of
  /// the first and of the last one.
  std::shared_ptr<const void> watch(const std::string& uri);

  /// Writes the record to the audit log, when there is one.
  void record(const ToolCallRecord& record) const;
  void log(LogSeverity severity, std::string_view line) const;
  /// Logs what only the operator should read; returns the number that the client is told.
  std::uint64_t log_reference(const std::string& details);
  /// Passes an outgoing message through the middleware: false to drop it.
  bool pass_outgoing(const std::string& method, Json& params) const;

 private:
  std::mutex mutex_;
  Features features_;
  std::shared_ptr<const Snapshot> snapshot_;
  std::vector<std::weak_ptr<ChangeListener>> listeners_;
  std::shared_ptr<std::atomic<std::size_t>> bytes_in_flight_;
  std::mutex watch_mutex_;  ///< held while the author is told: first and last stay in order
  std::map<std::string, std::size_t> watchers_;
  std::atomic<std::uint64_t> references_ = 0;
  std::atomic<bool> sealed_ = false;
};

}  // namespace mcp::server
