#pragma once

#include <string>

#include <client/replay/recording.h>
#include <mcp/outbound/loopback_server.h>

namespace fairlead::agent {

/// A gateway whose model is a recording: on 127.0.0.1, in the OpenAI and the Anthropic wire format,
/// streamed and not. A request that is not the recorded one is answered with HTTP 409 and what
/// differs, so that a recorded answer never stands beside results it does not fit.
class ReplayGateway {
 public:
  /// `port` 0 takes any free one. Throws std::runtime_error when the port is taken.
  ReplayGateway(Recording recording, int port);

  int port() const { return server_.port(); }
  /// The base URL: "http://127.0.0.1:PORT/v1".
  std::string url() const;

 private:
  mcp::outbound::LoopbackServer::Response answer(
      const mcp::outbound::LoopbackServer::Request& request) const;

  Recording recording_;
  mcp::outbound::LoopbackServer server_;
};

}  // namespace fairlead::agent
