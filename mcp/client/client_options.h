#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mcp/base/runtime.h>
#include <mcp/base/version.h>
#include <mcp/client/input_handlers.h>
#include <mcp/jsonrpc/codec.h>
#include <mcp/protocol/implementation.h>
#include <mcp/protocol/logging.h>
#include <mcp/protocol/revision.h>

namespace mcp {

/// What a server can not make the client exceed.
struct ClientLimits {
  jsonrpc::CodecLimits codec = {};   ///< size, depth and number of values of one message
  std::size_t pending_calls = 1024;  ///< calls that wait, for the server or for a connection
  std::size_t open_asks = 64;        ///< requests of the server that are being answered;
                                     ///< questions of one "input required" answer
  /// Session era: requests of the server that may be answered, and stop the clock, while one call
  /// waits. Past it they are refused, and after as many refusals the call fails.
  std::size_t asks_per_call = 32;
  /// What the server asks and the client still holds, of all calls together: memory, about. A
  /// question past it is answered with an error, or ends its call in the stateless era.
  std::size_t ask_bytes = std::size_t{64} << 20;
  std::size_t request_state_bytes = std::size_t{64} << 10;  ///< `requestState` of the stateless era
  // Of one whole list, all pages together (`Client::list_tools`, ...):
  std::size_t list_pages = 1000;
  std::size_t list_items = 100'000;
  std::size_t list_bytes = std::size_t{64} << 20;         ///< memory, about
  std::size_t list_cursor_bytes = std::size_t{64} << 10;  ///< of one cursor
  Duration list_time = std::chrono::minutes(5);           ///< see `CallOptions::max_timeout` too
  std::size_t input_rounds = 32;                          ///< "input required" answers to one call
  std::size_t cache_entries = 256;  ///< results kept by `ttlMs`; the oldest go first
  std::size_t cache_bytes = std::size_t{64} << 20;  ///< memory of these results, about
  std::size_t violations = 100;  ///< reported per connection; past it they are dropped
};

/// When a server that died is started again. Only a target that can be opened twice can.
struct RestartPolicy {
  bool enabled = true;
  /// Before the second start in a row; doubled each time, up to `max_delay`. The first start after
  /// a server's death waits for nothing.
  Duration initial_delay = std::chrono::milliseconds(200);
  Duration max_delay = std::chrono::seconds(10);
  /// Starts in a row that may fail before the waiting calls fail too.
  std::size_t max_attempts = 4;
  /// A server that lived this long has started well: counting begins anew.
  Duration stable_after = std::chrono::seconds(10);
};

/// What the server says and does beside its answers. Called on the loop: must not block.
struct ClientObserver {
  /// `notifications/message`.
  std::function<void(const LoggingMessageParams&)> on_log = {};
  /// A line that the server wrote to stderr.
  std::function<void(std::string_view line)> on_stderr = {};
  /// Something the specification does not allow: what, and what was done about it.
  std::function<void(const std::string& what)> on_violation = {};
  /// Every notification, before it is acted on.
  std::function<void(const std::string& method, const Json& params)> on_notification = {};
  /// The server is gone; `reason` is empty for an orderly end.
  std::function<void(const std::string& reason)> on_disconnected = {};
  /// A server was found or found again; see `Client::server`.
  std::function<void()> on_connected = {};
};

/// Sees, changes or refuses messages. Called on the loop: must not block. A Client calls its
/// middlewares in the order of the list for what goes out, and in the reverse order for what comes
/// in.
struct ClientMiddleware {
  /// A request before it is sent; id and `_meta` are in place. Throwing Error refuses it.
  std::function<void(jsonrpc::Request&)> outgoing = {};
  /// A message before it is acted on. False drops it.
  std::function<bool(jsonrpc::Message&)> incoming = {};
};

/// Which servers turned out to be of the session era, so that the next start need not find out
/// again. May be shared by clients. Thread-safe.
class EraVerdicts {
 public:
  std::optional<Era> find(const std::string& target) const;
  void keep(const std::string& target, Era era);
  void forget(const std::string& target);

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Era> verdicts_;
};

struct ClientOptions {
  Implementation info = {.name = "fairlead", .version = version()};
  /// How the user calls this server; for input handlers and messages.
  std::string label = {};
  InputHandlers handlers = {};
  /// Added to the capabilities that the handlers declare; name -> settings object.
  Json extensions = nullptr;
  Json experimental = nullptr;

  /// Speak only this era, or exactly this revision. Neither: the server is asked.
  std::optional<Era> era = {};
  std::optional<Revision> revision = {};
  /// Silence after `server/discover` before `initialize` is sent as well.
  Duration probe_timeout = std::chrono::seconds(10);
  Duration initialize_timeout = std::chrono::seconds(60);
  std::shared_ptr<EraVerdicts> verdicts = {};  ///< null: one of its own

  Duration call_timeout = std::chrono::seconds(60);
  Duration max_call_timeout = std::chrono::minutes(30);
  /// How long a call that was refused until the user visited a page (-32042) waits for that.
  Duration url_timeout = std::chrono::minutes(10);
  /// A call that the server makes a task is seen to its end, and the caller notices nothing (but
  /// see `CallOptions::on_task`); tools that need a task get one. False: the server is told that
  /// this client knows no tasks.
  bool tasks = true;
  bool cache = true;  ///< keep lists and reads for their `ttlMs`
  /// `structuredContent` is checked against the tool's output schema, once the tool was listed.
  bool validate_output = true;
  RestartPolicy restart = {};
  ClientLimits limits = {};
  ClientObserver observer = {};
  std::vector<ClientMiddleware> middleware = {};
};

/// Who answers at the other end.
struct ServerInfo {
  Revision revision = latest_revision;
  Implementation implementation = {};  ///< as it names itself
  ServerCapabilities capabilities = {};
  std::string instructions = {};  ///< for the model

  Era era() const { return mcp::era(revision); }
};

}  // namespace mcp
