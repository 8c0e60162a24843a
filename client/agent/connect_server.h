#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <string>

#include <client/config/mcp_servers.h>
#include <mcp/client/client.h>
#include <mcp/transport/authorizer.h>

namespace fairlead::agent {

/// A server could not be started or reached; the message names it and says why.
class ServerFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What ends the start of a server that does not come up.
struct StartLimits {
  /// From the start of its process to its answer.
  std::chrono::milliseconds timeout{60'000};
  std::stop_token stop = {};
};

/// How a client of this program is made: starts one server, or connects to it at its URL, and waits
/// until it has answered. A program that does not come up is ended (its stdin is closed, then
/// SIGTERM, then SIGKILL) before this throws, which takes some seconds more when it is stubborn;
/// the message has the last lines of its stderr.
///
/// `Client::close` ends the server in the same order. A client that is only destroyed closes in the
/// background, and a runtime that goes before that is done kills the server at once.
/// Throws ServerFailed.
///
/// `authorizer` is for a server at a URL; none: the tokens of an earlier login, see
/// `authorizer_with_kept_tokens`, unless the entry's headers authorize already.
///
/// `adjust` changes the client's options before it is made.
mcp::Client connect_server(mcp::Runtime& runtime, const ServerEntry& server,
                           const mcp::InputHandlers& handlers, const StartLimits& limits,
                           std::shared_ptr<mcp::Authorizer> authorizer = nullptr,
                           const std::function<void(mcp::ClientOptions&)>& adjust = {});

/// What goes with each request of a client that `connect_server` makes without an authorizer: the
/// entry's headers, and the token of an earlier login.
mcp::HttpHeaders request_headers(mcp::Runtime& runtime, const ServerEntry& server,
                                 const std::string& method);

/// Says to servers that there is nobody to ask.
mcp::InputHandlers declining_handlers();

}  // namespace fairlead::agent
