#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <variant>

#include <mcp/client/call.h>
#include <mcp/client/client_options.h>
#include <mcp/jsonrpc/codec.h>
#include <mcp/jsonrpc/peer.h>
#include <mcp/transport/request_transport.h>

namespace mcp::client {

/// Why a request got no answer.
struct NoReply {
  enum class Why {
    timed_out,
    garbled,
    too_long,
    asked_too_often,
    lost,  ///< with the connection: `disconnected` follows
    // Where each request has an exchange of its own:
    exchange_lost,  ///< the connection goes on
    not_sent,
    refused,  ///< by an HTTP status, before it ran
    not_run,  ///< because the session is gone: `disconnected` follows
  } why;
  std::string text;
  int status = 0;  ///< of HTTP
};

/// What became of a request.
using Reply = std::variant<Json, jsonrpc::ErrorObject, NoReply>;

/// One life of one pipe: requests out, messages in, and the clock of what waits. Knows JSON-RPC,
/// and of the protocol only progress. Everything happens on the loop; its owner destroys it in a
/// task of its own, never from inside a call.
class Connection final : private RequestTransport::Handler {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void received(jsonrpc::Request request) = 0;
    virtual void received(jsonrpc::Notification notification) = 0;
    virtual void violation(const std::string& what) = 0;
    /// The last call; requests that wait were told `lost` before.
    virtual void disconnected(Connection& connection, const std::string& reason) = 0;
  };

  struct Waiting {
    std::function<void(Reply)> on_reply;
    std::function<void(const Progress&)> on_progress = {};
    jsonrpc::Deadline deadline = {jsonrpc::Deadline::never};
    HttpHeaders parameters = {};  ///< `Mcp-Param-*` of a call, where requests have headers
  };

  /// `peer` gives the ids and outlives the connection, so that no id is ever used again.
  Connection(Loop& loop, std::unique_ptr<Transport> transport, const ClientOptions& options,
             jsonrpc::Peer& peer, Owner& owner);
  ~Connection() override;

  void start() { transport_->start(*this); }
  /// Decides whether batches may come, and whether errors may be answered.
  void set_revision(Revision revision);
  /// Each request travels on an exchange of its own (HTTP), instead of one pipe for all.
  bool has_exchanges() const { return requests_ != nullptr; }

  /// `params` makes the request's params for its id, which is the progress token too. Nothing when
  /// it could not be sent; `waiting` is dropped then. Throws Error when a middleware refuses.
  std::optional<jsonrpc::Id> send(const std::string& method,
                                  const std::function<Json(const jsonrpc::Id&)>& params,
                                  Waiting waiting);
  /// Forgets a request: an answer that comes all the same is ignored.
  void forget(const jsonrpc::Id& id);
  /// Tells the server that nobody waits for this request's answer any more.
  void cancel(const jsonrpc::Id& id, const std::string& reason);
  // What can't be sent is reported: nobody waits for it here.
  void notify(const std::string& method, Json params);
  void respond(jsonrpc::Response response);
  /// While the client is answering the server, the server's silence counts for nothing, up to
  /// `ClientLimits::asks_per_call` times for each request. The ask's number, for `release`; nothing
  /// when no request that waits may be asked for any more.
  std::optional<std::uint64_t> hold();
  void release(std::uint64_t ask);
  /// After an ask was refused: ends the requests in whose time that happened too often.
  void count_refused_ask();
  /// Closes the pipe. From here on only `disconnected` is called.
  void retire();

 private:
  void message(std::string_view bytes) override;
  void oversized(std::size_t limit_bytes) override;
  void closed(const std::string& reason) override;
  void message_for(const jsonrpc::Id& id, std::string_view bytes) override;
  bool waits_for(const jsonrpc::Id& id) const override { return waiting_.contains(id); }
  void failed(const jsonrpc::Id& id, const RequestFailure& failure) override;
  void trouble(const std::string& what) override { owner_.violation(what); }

  struct Entry {
    Waiting waiting;
    std::uint64_t asks_before;  ///< asks when it was sent
    std::size_t refused_asks = 0;
    std::optional<double> progress = {};
    std::string skipped = {};  ///< what came meanwhile and may have been the answer
  };

  void accept(jsonrpc::BatchItem item, bool in_batch);
  void accept(jsonrpc::Response response);
  void accept_progress(const Json& params);
  void refuse(const jsonrpc::Refusal& refusal, bool of_batch);
  void refuse_unreadable(jsonrpc::Refusal refusal, std::string_view bytes);
  void answer_unreadable(const jsonrpc::ErrorObject& error);
  bool fail_waiting(const jsonrpc::Id& id, NoReply reason);
  void note_skipped(const std::string& what);
  void report_unsent(bool sent, const std::string& what);
  void ended(jsonrpc::CallEnd end);
  void remember(const jsonrpc::Id& id);
  void extend_held();
  /// Whether this ask, by its number, stops the clock of a request.
  bool counts(std::uint64_t ask, const Entry& entry) const;
  /// Where the server may send requests, what is wrong with them may be answered.
  bool may_respond() const { return revision_ && !uses_input_required(*revision_); }

  Loop& loop_;
  std::unique_ptr<Transport> transport_;
  RequestTransport* requests_;           ///< the same, if it is one
  std::optional<jsonrpc::Id> exchange_;  ///< whose answer is being read
  const ClientOptions& options_;
  jsonrpc::Peer& peer_;
  Owner& owner_;
  jsonrpc::Decoder decoder_;
  std::optional<Revision> revision_;
  std::unordered_map<jsonrpc::Id, Entry> waiting_;
  std::deque<jsonrpc::Id> forgotten_;  ///< the last few, whose answers are no surprise
  bool retired_ = false;
  std::uint64_t asks_ = 0;  ///< that were let in so far
  std::set<std::uint64_t> open_asks_;
  Loop::TimerId hold_timer_ = Loop::TimerId::none;
};

}  // namespace mcp::client
