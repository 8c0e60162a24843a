#pragma once

#include <functional>
#include <string>
#include <utility>
#include <variant>

#include <mcp/jsonrpc/message.h>
#include <mcp/server/context.h>

namespace mcp {

/// What a request came to, on its way through the middleware. Usually the result as JSON.
class Reply {
 public:
  Reply(Json result) : value_(std::move(result)) {}                 // NOLINT: a result is a reply
  Reply(jsonrpc::Serialized result) : value_(std::move(result)) {}  // NOLINT
  /// A deferred handler will answer later, or a question is on its way to the client.
  static Reply pending() { return Reply(); }

  bool is_pending() const noexcept { return std::holds_alternative<std::monostate>(value_); }
  /// The result's members, or null: it is pending, or a list that is kept serialised.
  Json* json() noexcept { return std::get_if<Json>(&value_); }
  const jsonrpc::Serialized* serialized() const noexcept {
    return std::get_if<jsonrpc::Serialized>(&value_);
  }

 private:
  Reply() = default;
  std::variant<std::monostate, Json, jsonrpc::Serialized> value_;
};

/// A request for tools, resources, prompts or completion.
struct IncomingRequest {
  const std::string& method;
  Json& params;  ///< may be changed before `next`
  /// Asking the client works where its handler could: in tools/call, prompts/get and
  /// resources/read. Elsewhere it throws std::logic_error.
  Context& context;
};

/// Around each such request: answers by itself, throws (Error, ToolError), or returns what `next`
/// returns, changed or not. It runs on the executor, with the handler, and like it once more for
/// every replay. The first one registered is the outermost. Questions unwind through it as
/// Suspended: let it pass.
using Middleware =
    std::function<Reply(IncomingRequest& request, const std::function<Reply()>& next)>;

/// A notification, or a question to the client, before it goes out.
struct OutgoingMessage {
  const std::string& method;
  Json& params;  ///< may be changed
};

/// Sees each of them, on any thread, and must not block. False drops a notification; a question
/// and the acknowledgement of a subscription can't be dropped.
using OutgoingMiddleware = std::function<bool(OutgoingMessage& message)>;

}  // namespace mcp
