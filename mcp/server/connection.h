#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <mcp/base/runtime.h>
#include <mcp/jsonrpc/peer.h>
#include <mcp/server/call.h>
#include <mcp/server/inbox.h>
#include <mcp/server/outlet.h>
#include <mcp/server/session_era.h>
#include <mcp/server/stateless_era.h>
#include <mcp/store/task_store.h>

namespace mcp::server {

class Engine;

/// The protocol of one connection (or session), free of any transport: messages in, messages out.
/// It decides for every message which era it belongs to, keeps the calls in flight, and gives the
/// work to handlers.
///
///     receive ─► Inbox ─► request ─┬ stateless: discover, listen ─┐
///                                   ├ session: initialize, ping, … ┼─► respond
///                                   ├ lists ───────────────────────┘
///                                   └ Call ─► executor: Run ─► concluded ─► respond, or ask and
///                                             run again when all answers are there
///
/// Loop only; made by Engine::connect.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<Engine> engine, std::shared_ptr<Outlet> outlet);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// One message. Large ones are decoded aside; the order is kept.
  void receive(std::string_view bytes, Arrival arrival = {});
  /// The same for a message that came through the gate before.
  void take(Taken taken, Arrival arrival);
  /// What `initialize` settled; nothing before.
  std::optional<Revision> session_revision() const;
  /// A message that was longer than `limit` and skipped.
  void oversized(std::size_t limit);
  /// No more comes in: ends what only the client could bring on (subscriptions, open questions),
  /// and calls `done` when the last answer has gone out.
  void finish(std::function<void()> done);
  /// Cancels everything; nothing goes out any more.
  void close();

  /// Tells what the client wants to know of `change`.
  void publish(const Change& change);

  // --- For runs ---
  /// A notification of a running call; dropped when the call is over.
  void tell(const Call& call, std::string bytes);
  /// The client is answered with a task, which lives on without it; false when the call is over.
  bool became_task(Call& call, std::string response);
  /// Tells the client of the session that the task was created for.
  void task_changed(const StoredTask& task);
  /// See Outlet::release.
  void release(const Call& call, Duration retry);
  void concluded(const std::shared_ptr<Call>& call, Outcome outcome);

 private:
  /// A message, and what all its items share.
  struct Source {
    Arrival& arrival;
    Charge charge;
    bool whole;
    bool in_batch;
  };
  using Answer = std::variant<Json, jsonrpc::Serialized, jsonrpc::ErrorObject>;

  void incoming(Taken taken, Arrival& arrival);
  void item(jsonrpc::BatchItem item, const Source& source);
  void batch(jsonrpc::Batch batch, const Source& source);
  void request(jsonrpc::Request request, const Source& source);
  void stateless_request(jsonrpc::Request& request, const Source& source);
  void session_request(jsonrpc::Request& request, const Source& source);
  void feature_request(jsonrpc::Request& request, Caller caller, const Source& source);
  void response(jsonrpc::Response response, const Source& source);
  /// For all that a call will hold; `charge` is the message's. Throws Error when there is no room.
  std::vector<Charge> charges(const jsonrpc::Request& request, const Charge& charge);
  /// Throws Error when the caller has made its share.
  void count_tool_call(const jsonrpc::Request& request, const Arrival& arrival);
  /// Starts the first run of a call's handler. Throws Error when there is no room for it.
  void begin(const std::shared_ptr<Call>& call);
  void notification(const jsonrpc::Notification& notification, const Source& source);
  void refusal(jsonrpc::Refusal refusal, Arrival& arrival);
  void respond(Outlet& outlet, const jsonrpc::Id& id, Answer answer);
  void respond_unreadable(Outlet& outlet, jsonrpc::ErrorObject error);

  void cancel(const jsonrpc::Id& id);
  /// Takes a call off the table: nothing more is said about it.
  void drop(Call& call);
  void run(const std::shared_ptr<Call>& call);
  void ask(const std::shared_ptr<Call>& call, std::vector<Ask> asks);
  void answered(const std::shared_ptr<Call>& call, const Ask& ask, jsonrpc::CallEnd end);
  void remember_roots(const Json& answer);
  void wait(const std::shared_ptr<Call>& call, const std::string& elicitation);
  void elicitation_completed(const std::string& id);
  void remember_elicitation(const std::string& id);
  void notify(Outlet& outlet, const char* method, Json params);
  void check_finished();
  bool is_in_flight(const Call& call) const;

  const std::shared_ptr<Engine> engine_;
  Core& core_;
  Runtime& runtime_;
  const std::shared_ptr<Outlet> outlet_;
  SessionEra session_;
  Subscriptions subscriptions_;
  jsonrpc::Peer peer_;  ///< our questions to the client
  std::unordered_map<jsonrpc::Id, std::shared_ptr<Call>> calls_;
  Inbox inbox_;
  Charge session_charge_;  ///< for what `initialize` said
  /// The client's answer to `roots/list`, while it holds.
  struct KnownRoots {
    Json answer;
    std::shared_ptr<const std::vector<Root>> roots;
    Charge charge;
  };
  std::optional<KnownRoots> roots_;
  std::size_t roots_changes_ = 0;       ///< how often the client said that they have changed
  std::set<std::string> elicitations_;  ///< pages that the client was sent to
  std::function<void()> finished_;
  bool closed_ = false;
};

}  // namespace mcp::server
