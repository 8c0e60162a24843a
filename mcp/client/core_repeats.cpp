#include <utility>

#include <mcp/client/core.h>
#include <mcp/client/pages.h>
#include <mcp/protocol/method.h>

// Calls that the server of the stateless era refused before they ran: what made it refuse is
// mended, then they are repeated, once.

namespace mcp::client {

// True when the call goes on.
bool Core::repeat_refused(std::uint64_t key, const jsonrpc::ErrorObject& error) {
  Call& call = calls_.at(key);
  if (!has_stateless_methods(server_.revision) || call.refused) return false;
  CallError failure(CallError::Kind::answered, error.message, error.code, error.data);
  if (is_version_error(error)) {
    call.refused = std::move(failure);
    renegotiating_.push_back(key);
    if (!handshake_) renegotiate();
    return true;
  }
  if (error.code == error_code::header_mismatch && call.method == method::tools_call) {
    call.refused = std::move(failure);
    list_tools_anew(key);
    return true;
  }
  return false;
}

// The server speaks other versions than it did: it is asked again, in the same process. Meanwhile
// other calls go on as before.
void Core::renegotiate() {
  handshake_ =
      std::make_unique<Handshake>(loop_, *connection_, options_, std::nullopt,
                                  [this](auto result) { renegotiated(std::move(result)); });
  handshake_->start();
}

void Core::renegotiated(std::variant<ServerInfo, Handshake::Failure> result) {
  auto finished = std::move(handshake_);  // it is the caller: it goes when this returns
  auto waiting = std::exchange(renegotiating_, {});
  auto* server = std::get_if<ServerInfo>(&result);
  if (server != nullptr) {
    // Subscriptions of one era mean nothing in the other.
    if (server->era() != server_.era()) subscriptions_.server_lost();
    cache_.clear();
    became_ready(std::move(*server));
  }
  for (std::uint64_t key : waiting) {
    auto found = calls_.find(key);
    if (found == calls_.end()) continue;
    if (server != nullptr) {
      send_or_wait(key);
    } else {
      finish(key, *found->second.refused);
    }
  }
}

// The server did not find in the headers what it found in the body: the tool's schema, which says
// what goes into headers, has changed. (Transports without headers have no such error.)
void Core::list_tools_anew(std::uint64_t key) {
  CallOptions options;
  options.use_cache = false;
  options.stop = calls_.at(key).options.stop;
  auto listed = [this, key](const Outcome<std::vector<Tool>>& tools) {
    auto found = calls_.find(key);
    if (found == calls_.end()) return;
    if (tools.ok()) return send_or_wait(key);
    finish(key, *found->second.refused);
  };
  cache_.forget(ListKind::tools);
  std::make_shared<Pages<Tool>>(shared_from_this(), method::tools_list, std::move(options),
                                std::move(listed))
      ->start();
}

}  // namespace mcp::client
