#pragma once

// Not for users: this header reaches Asio.

#include <memory>
#include <string>

#include <boost/asio/generic/stream_protocol.hpp>

#include <mcp/transport/http_socket.h>

namespace mcp {

using AsioSocket = boost::asio::generic::stream_protocol::socket;

/// A socket without TLS.
std::unique_ptr<HttpSocket> make_plain_socket(AsioSocket socket);

/// Certificate and key of a server.
class TlsContext {
 public:
  virtual ~TlsContext() = default;
  /// A socket whose handshake begins with `start`.
  virtual std::unique_ptr<HttpSocket> wrap(AsioSocket socket) = 0;
};
/// Reads PEM files; TLS 1.2 and later. Throws std::runtime_error when they can't be used.
std::unique_ptr<TlsContext> make_tls_context(const std::string& certificate_file,
                                             const std::string& key_file);

}  // namespace mcp
