#pragma once

// Not for users: this header reaches Asio.

#include <memory>
#include <string>
#include <utility>

#include <boost/asio/generic/stream_protocol.hpp>

#include <mcp/transport/http_socket.h>

namespace mcp {

using AsioSocket = boost::asio::generic::stream_protocol::socket;

/// The owner's end of a socket. The working half is shared with the reads and writes under way; it
/// is closed when its owner lets go.
template <class Working>
class SocketHandle final : public HttpSocket {
 public:
  explicit SocketHandle(std::shared_ptr<Working> socket) : socket_(std::move(socket)) {}
  ~SocketHandle() override { socket_->close(); }
  void start(std::shared_ptr<Owner> owner) override { socket_->start(std::move(owner)); }
  void write(std::string bytes) override { socket_->write(std::move(bytes)); }
  std::size_t queued() const override { return socket_->queued(); }
  std::size_t sent() const override { return socket_->sent(); }
  void pause_reading() override { socket_->pause_reading(); }
  void resume_reading() override { socket_->resume_reading(); }
  void expect_little() override { socket_->expect_little(); }
  void end_output() override { socket_->end_output(); }
  void close() override { socket_->close(); }

 private:
  std::shared_ptr<Working> socket_;
};

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
