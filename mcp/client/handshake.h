#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>

#include <mcp/client/connection.h>
#include <mcp/protocol/meta.h>

namespace mcp::client {

/// Finds out which era and revision a server speaks (2026-07-28, basic/transports/stdio, "Backward
/// Compatibility").
///
///     server/discover ──answer──> stateless
///        │  │  └─────-32022 with versions──> discover again with one of them, or initialize
///        │  └──any other error──> initialize
///        └──silence──> initialize as well; a late answer to discover still wins
///
/// On the loop; destroyed before its connection.
class Handshake {
 public:
  struct Failure {
    CallError error;
    /// The server exited before it answered `server/discover`: start it again, `initialize` first.
    bool retry_with_initialize = false;
  };
  using Done = std::function<void(std::variant<ServerInfo, Failure>)>;

  /// `verdict` is what is known of this server already. `done` is called once and may destroy the
  /// handshake.
  Handshake(Loop& loop, Connection& connection, const ClientOptions& options,
            std::optional<Era> verdict, Done done);
  ~Handshake();

  void start();

 private:
  void discover();
  void initialize();
  void discovered(Reply reply);
  void discover_failed(const jsonrpc::ErrorObject& error);
  void choose(const std::vector<std::string>& supported, const std::string& why);
  void initialized(Reply reply);
  void initialize_refused(const CallError& failure);
  void succeed(ServerInfo server);
  void fail(CallError error, bool retry_with_initialize = false);
  std::optional<Era> wanted() const;

  Loop& loop_;
  Connection& connection_;
  const ClientOptions& options_;
  std::optional<Era> verdict_;
  Done done_;
  Revision asked_ = latest_revision;
  bool asked_again_ = false;
  std::optional<jsonrpc::Id> discover_id_;
  std::optional<jsonrpc::Id> initialize_id_;
  std::optional<CallError> initialize_error_;
  bool initialize_sent_ = false;
  Loop::TimerId timer_ = Loop::TimerId::none;
};

/// The error -32022 with the versions that the server speaks: nothing but that comes of the
/// request.
bool is_version_error(const jsonrpc::ErrorObject& error);
/// The capabilities that the options declare.
ClientCapabilities declared_capabilities(const ClientOptions& options);
/// `_meta` of every request: for the stateless era it says who asks and what the client can.
RequestMeta request_meta(const ClientOptions& options, Revision revision);

}  // namespace mcp::client
