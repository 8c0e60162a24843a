#pragma once

#include <any>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include <mcp/base/json_memory.h>
#include <mcp/base/runtime.h>
#include <mcp/jsonrpc/message.h>
#include <mcp/protocol/meta.h>
#include <mcp/server/core.h>
#include <mcp/server/outlet.h>
#include <mcp/server/round.h>

namespace mcp::server {

class Connection;
class Engine;
class Tasks;

/// What a client says about itself.
struct Client {
  ClientCapabilities capabilities = {};
  std::optional<Implementation> info = {};
};

/// Who sent a request, and what it wants: as its session, or its own `_meta`, says.
struct Caller {
  Revision revision = latest_revision;
  std::shared_ptr<const Client> client;  ///< never null
  Json progress_token = nullptr;         ///< string or integer; null: wants no progress
  TraceContext trace = {};
  std::optional<LoggingLevel> log_level = {};  ///< empty: wants no log messages
  std::string principal = {};
  std::shared_ptr<const std::vector<Root>> roots = {};  ///< of its session, when they are known
  std::string counted_as = {};  ///< the principal, else the address; empty on stdio
};

/// Bounds what a handler has said and the loop has not yet written. Thread-safe.
class Untold {
 public:
  /// Lets a handler that tells faster than the loop writes wait for it. Not for long: on a runtime
  /// that is driven by hand nobody writes meanwhile.
  void add(std::size_t bytes) {
    std::unique_lock lock(mutex_);
    written_.wait_for(lock, std::chrono::milliseconds(100), [&] { return bytes_ < most_; });
    bytes_ += bytes;
  }
  void remove(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    bytes_ -= bytes;
    written_.notify_all();
  }

 private:
  static constexpr std::size_t most_ = std::size_t{256} << 10U;
  std::mutex mutex_;
  std::condition_variable written_;
  std::size_t bytes_ = 0;
};

/// A request that a handler answers, from its arrival to its response.
///
/// It is handed over, never shared: while a run of the handler lasts the run owns `params`, `round`
/// and `data`; between runs, and always for the last group, the loop does.
///
/// Small enough for the allocator's cache of its thread: each call makes one, and a block of more
/// than a kilobyte made the allocator tidy its heap every time, a tenth of a call's cost.
struct Call {
  // Fixed.
  std::shared_ptr<Core> core;
  Runtime& runtime;
  std::weak_ptr<Connection> connection;
  std::weak_ptr<Engine> engine;  ///< only locked on the loop
  std::weak_ptr<Tasks> tasks;
  std::shared_ptr<const Snapshot> snapshot;
  std::vector<Charge> charges;  ///< for what it holds; the loop adds what the client answers
  jsonrpc::Id id;
  std::string method;
  std::string subject;  ///< the tool's or prompt's name, the resource's URI
  Caller caller;
  std::stop_source stop = {};

  // The run's.
  Json params;
  Round round = {};
  std::map<std::string, std::any> data = {};
  bool opened = false;         ///< `requestState` has been read
  bool retried = false;        ///< the call carries answers
  bool url_wait_over = false;  ///< the page of `elicit_url` did not come in time
  std::string task_id = {};    ///< set once: the client was answered with this task

  std::shared_ptr<Untold> untold = std::make_shared<Untold>();  ///< anybody's

  // The loop's.
  std::shared_ptr<Outlet> outlet = {};
  std::set<jsonrpc::Id> open_asks = {};
  std::string waits_for = {};  ///< the elicitation whose page is not done
  Loop::TimerId wait_timer = Loop::TimerId::none;
  std::optional<TimePoint> waits_since = {};
  std::set<std::string> completed = {};  ///< elicitations that were completed during a run

  Revision revision() const { return caller.revision; }
  /// `tools/call 'name'`, for the log.
  std::string title() const;
};

/// A call that needs no memory to end: see mcp::release.
struct EndingCall : Call {
  explicit EndingCall(Call call) : Call(std::move(call)) {}
  ~EndingCall() { release(params); }
  EndingCall(const EndingCall&) = delete;
  EndingCall& operator=(const EndingCall&) = delete;
};

/// A question as it goes out.
struct Ask {
  std::string key;
  std::string method;
  Json params;
};

/// What a run of a handler came to: a response (or result, or error), questions, or a wait.
struct Outcome {
  std::string response = {};  ///< encoded; not of a task
  std::vector<Ask> asks = {};
  std::string waits_for = {};
  int error_code = 0;                          ///< of an error response
  std::vector<std::string> elicitations = {};  ///< ids that the client learnt from an error
  // Of a task, instead of a response.
  Json result = nullptr;
  std::optional<jsonrpc::ErrorObject> error = {};
};

}  // namespace mcp::server
