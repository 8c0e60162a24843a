#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include <mcp/base/runtime.h>
#include <mcp/outbound/connection_rules.h>
#include <mcp/transport/authorizer.h>
#include <mcp/transport/http_headers.h>
#include <mcp/transport/transport.h>

namespace mcp {

class Network;

/// How an MCP server is reached over HTTP.
struct HttpClientOptions {
  /// Certificates, proxy, sizes (of one message), redirects and addresses.
  outbound::ConnectionRules rules = {};
  /// Added to every request, such as an API key. Never shown in errors.
  HttpHeaders headers = {};
  /// Gives tokens; null: a refusal (401, 403) is an error.
  std::shared_ptr<Authorizer> authorizer = {};

  Duration connect_timeout = std::chrono::seconds(10);  ///< for each address of the host
  Duration tls_timeout = std::chrono::seconds(10);      ///< also for a proxy's CONNECT
  /// From the request to the first byte of the response. Calls have deadlines of their own.
  Duration first_byte_timeout = std::chrono::minutes(30);
  /// The longest silence within a response that is no event stream.
  Duration between_bytes_timeout = std::chrono::seconds(60);
  /// Connections that requests may hold at one time; more requests wait for one.
  std::size_t max_connections = 256;
  /// How long a connection is kept for the next request; less when the server says so.
  Duration idle_timeout = std::chrono::seconds(30);
  /// An event stream that broke is resumed after the server's `retry`, or this; at most
  /// `max_retry`.
  Duration retry = std::chrono::seconds(1);
  Duration max_retry = std::chrono::minutes(5);
  /// Attempts to resume a stream that may fail in a row.
  std::size_t resume_attempts = 5;
  /// How long closing waits for the server to be told.
  Duration close_timeout = std::chrono::seconds(2);

  /// Replaced in tests; null: the operating system's.
  std::shared_ptr<Network> network = {};
};

/// The client's side of Streamable HTTP, of both eras, and of HTTP+SSE where a server knows nothing
/// newer (2026-07-28, basic/transports/streamable-http, "Backward Compatibility"). It is a
/// RequestTransport: mcp::Client knows how to use one. No thread of its own; many requests and
/// streams at once.
///
/// Throws std::invalid_argument for a URL that can't be one of a server. `runtime` must be one of
/// make_runtime and outlive the transport.
std::unique_ptr<Transport> make_http_client_transport(Runtime& runtime, const std::string& url,
                                                      const HttpClientOptions& options = {});

}  // namespace mcp
