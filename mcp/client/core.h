#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

#include <mcp/client/byte_budget.h>
#include <mcp/client/connection.h>
#include <mcp/client/handshake.h>
#include <mcp/client/known_tools.h>
#include <mcp/client/result_cache.h>
#include <mcp/client/subscriptions.h>
#include <mcp/client/target.h>
#include <mcp/jsonrpc/peer.h>
#include <mcp/protocol/input_required.h>

namespace mcp::client {

/// The client without threads of its own: calls, input rounds, the server's requests, restarts.
///
///      start                handshake                lost, and someone waits
///     ─────> opening ──────────────────> ready ─────────────────────────────> waiting (backoff)
///               │ fails                    │ lost, and nobody waits               │
///               └──────> down <────────────┘           ┌──────── opening <────────┘
///                          └── a call ──> waiting      └─ …
///
/// Everything happens on the loop, except `last_server`. Held by shared pointers: while it closes,
/// the loop holds it, until its last connection is closed or the loop goes. `shut_down` must be
/// called before the last one is dropped.
class Core final : public std::enable_shared_from_this<Core>, public Connection::Owner {
 public:
  Core(Runtime& runtime, Target target, ClientOptions options);

  void start(Callback<ServerInfo> ready);
  void shut_down(std::function<void()> closed);
  /// Calls back when a server is known, opening one if need be.
  void with_server(Callback<ServerInfo> done);

  /// `params` makes the request's params as the negotiated revision wants them.
  void request(std::string method, std::function<Json(Revision)> params, CallOptions options,
               Callback<Json> done);
  void notify(const std::string& method, Json params);
  void set_logging_level(LoggingLevel level, CallOptions options, Callback<Done> done);
  void subscribe(SubscriptionFilter filter, std::function<void(const Change&)> on_change,
                 CallOptions options, Callback<Subscription> done);
  void unsubscribe(std::uint64_t key);
  void roots_changed();
  void forget_cached(const std::string& method) { cache_.forget(method); }
  /// See KnownTools; empty when `validate_output` is off.
  std::string output_problem(const std::string& tool, const Json& result);

  /// Any thread.
  std::optional<ServerInfo> last_server() const;
  Loop& loop() { return loop_; }
  const ClientOptions& options() const { return options_; }

  // For TaskCall.
  /// Asks the handlers all these questions, by key; gives all answers, or why there are none.
  void answer_questions(const Json& questions, const std::stop_token& stop,
                        std::function<void(Outcome<InputResponses>)> done);

  // For Subscriptions.
  Connection& connection() { return *connection_; }
  const ServerInfo& server() const { return server_; }
  void violation(const std::string& what) override;

 private:
  enum class State { idle, opening, ready, waiting, down, closing, closed };
  using StopCallback = std::stop_callback<std::function<void()>>;

  struct Call {
    std::string method;
    std::function<Json(Revision)> make_params;
    CallOptions options;
    Callback<Json> done;
    Json params = nullptr;
    std::optional<jsonrpc::Id> id = {};  ///< while a request is on its way
    bool wants_task = false;             ///< up to 2025-11-25 the client says so
    bool reissued = false;
    std::optional<CallError> refused = {};  ///< before it ran, the first time
    std::size_t rounds = 0;
    InputResponseParams inputs = {};
    std::size_t unanswered = 0;  ///< questions of this round
    std::stop_source asks = {};  ///< requested when the call is over
    bool url_retried = false;
    std::set<std::string> open_urls = {};  ///< pages that the user is visiting
    Loop::TimerId url_timer = Loop::TimerId::none;
    std::unique_ptr<StopCallback> on_stop = {};
  };
  struct OpenAsk {
    std::stop_source stop;
    std::uint64_t number;  ///< see Connection::hold
  };
  /// Pages that the user visits before a call is repeated.
  struct Visit {
    std::vector<ElicitUrlParams> urls;
    CallError failure;  ///< how the call ends when the user does not
    ByteBudget::Part held;
  };
  using Answer = std::variant<Json, Error>;

  // core.cpp: connections
  void open();
  void handshake_done(std::variant<ServerInfo, Handshake::Failure> result);
  void handshake_failed(const Handshake::Failure& failure);
  void became_ready(ServerInfo server);
  void restart();
  void give_up(const CallError& error);
  void retire_connection();
  void disconnected(Connection& connection, const std::string& reason) override;
  void finish_closing();

  // core_calls.cpp: calls and what comes in
  void send(std::uint64_t key);
  void send_or_wait(std::uint64_t key);
  Json params_for(const Call& call, const jsonrpc::Id& id) const;
  void replied(std::uint64_t key, Reply reply);
  void completed(std::uint64_t key, Json result);
  void became_task(std::uint64_t key, const Json& result);
  bool wants_task(const Call& call) const;
  void stop(std::uint64_t key);
  void tell_cancelled(const jsonrpc::Id& id, const std::string& reason);
  void finish(std::uint64_t key, Outcome<Json> outcome);
  bool repeatable(const Call& call) const;
  bool routes_by_headers() const;
  void received(jsonrpc::Notification notification) override;

  // core_repeats.cpp: calls that were refused before they ran
  bool repeat_refused(std::uint64_t key, const jsonrpc::ErrorObject& error);
  void renegotiate();
  void renegotiated(std::variant<ServerInfo, Handshake::Failure> result);
  void list_tools_anew(std::uint64_t key);

  // core_asks.cpp: what the server asks
  void received(jsonrpc::Request request) override;
  void ask(InputRequest request, ByteBudget::Part held, std::stop_token stop,
           std::function<void(Answer)> done);
  void input_required(std::uint64_t key, const Json& result);
  void input_answered(std::uint64_t key, const std::string& name, Answer answer);
  bool visit_urls(std::uint64_t key, const jsonrpc::ErrorObject& error);
  void consented(std::uint64_t key, const std::shared_ptr<const Visit>& visit);
  void url_completed(const std::string& elicitation_id);
  void end_asks();

  Runtime& runtime_;
  Loop& loop_;
  Target target_;
  const ClientOptions options_;
  std::shared_ptr<EraVerdicts> verdicts_;
  State state_ = State::idle;

  jsonrpc::Peer peer_;
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<Handshake> handshake_;
  std::vector<std::unique_ptr<Connection>> retired_;
  bool initialize_first_ = false;
  bool ever_ready_ = false;
  std::size_t attempts_ = 0;
  TimePoint opened_at_ = {};
  Loop::TimerId restart_timer_ = Loop::TimerId::none;
  std::string gone_;  ///< why there is no server
  std::vector<Callback<ServerInfo>> server_waiters_;
  std::vector<std::function<void()>> closers_;
  Loop::TimerId closing_ = Loop::TimerId::none;  ///< keeps it until its last connection is closed

  ServerInfo server_;
  mutable std::mutex last_server_mutex_;
  std::optional<ServerInfo> last_server_;

  std::uint64_t last_call_ = 0;
  std::map<std::uint64_t, Call> calls_;
  std::deque<std::uint64_t> queue_;           ///< calls that wait for a server
  std::vector<std::uint64_t> renegotiating_;  ///< calls that wait for another version
  std::map<jsonrpc::Id, OpenAsk> asks_;
  ByteBudget ask_bytes_;                    ///< of questions, until their handlers are done
  std::deque<std::string> completed_urls_;  ///< the last few
  ResultCache cache_;
  KnownTools tools_;
  Subscriptions subscriptions_;
  std::optional<LoggingLevel> logging_level_;
  std::size_t violations_ = 0;
};

}  // namespace mcp::client
