#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <mcp/store/event_store.h>
#include <mcp/transport/http_server.h>
#include <mcp/transport/request_verifier.h>

namespace mcp {

/// How a server is served over HTTP (basic/transports, "Streamable HTTP").
struct HttpOptions {
  // Not `{}`: with it g++ 12 takes the strings for uninitialised in every program that serves.
  HttpServerOptions listen = HttpServerOptions();
  std::string path = "/mcp";  ///< of the endpoint
  /// Names besides those of this machine's loopback that requests may give as `Host`, without
  /// port. Who listens on another address than loopback and names none takes any.
  std::vector<std::string> allowed_hosts = {};
  /// Web pages of these origins (`https://example.com`) may call; `*` for all. A page of the
  /// server's own host always may.
  std::vector<std::string> allowed_origins = {};
  /// Who lets requests in; none: everybody who reaches the socket.
  std::shared_ptr<RequestVerifier> verifier = {};
  /// Serve the revisions with sessions too; without them GET and DELETE are answered 405.
  bool sessions = true;
  /// Serve the transport of 2024-11-05 too, at `/sse` and `/messages`.
  bool legacy_sse = false;

  /// Sessions that are open at a time. Past it the one that is idle longest makes room; when the 64
  /// used longest ago have calls or streams open, `initialize` is answered 503.
  std::size_t max_sessions = 32768;
  /// A session that is not used for so long ends; an open stream is use.
  Duration session_timeout = std::chrono::minutes(30);
  /// Requests in flight of one caller (its token's subject, else its address), besides those that
  /// listen; past it 429.
  std::size_t calls_per_caller = 4096;
  /// Tool calls of one caller a minute; past it 429 with the time to wait. A minute's share may
  /// come at once. 0: any number.
  std::size_t tool_calls_per_minute = 0;
  /// Open streams of one caller; past it 429.
  std::size_t streams_per_caller = 32768;
  /// Streams that nothing happened on get a comment, so that nobody on the way closes them.
  Duration keep_alive = std::chrono::seconds(15);
  /// What clients of 2025-11-25 are told to wait before they come back to a stream that broke.
  Duration retry = std::chrono::seconds(1);
  /// None: in memory.
  std::shared_ptr<EventStore> events = {};
  /// Added to `/metrics`, as Prometheus text; called on the loop.
  std::function<std::string()> metrics = {};
};

}  // namespace mcp
