#include <array>
#include <list>
#include <stdexcept>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl.hpp>

#include <mcp/transport/http_socket_asio.h>
#include <mcp/transport/tls_context.h>

namespace mcp {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t buffer_bytes = 4096;

class TlsSocket final : public std::enable_shared_from_this<TlsSocket> {
 public:
  TlsSocket(AsioSocket socket, std::shared_ptr<asio::ssl::context> context)
      : context_(std::move(context)), stream_(std::move(socket), *context_) {}

  void start(std::shared_ptr<HttpSocket::Owner> owner) {
    owner_ = std::move(owner);
    stream_.async_handshake(asio::ssl::stream_base::server,
                            [self = shared_from_this()](const error_code& error) {
                              if (self->closed_) return;
                              if (error) {
                                self->gone();
                                return;
                              }
                              self->ready_ = true;
                              self->read();
                              self->write_next();
                            });
  }

  void write(std::string bytes) {
    if (closed_ || output_ended_ || bytes.empty()) return;
    queued_ += bytes.size();
    queue_.push_back(std::move(bytes));
    write_next();
  }
  std::size_t queued() const { return queued_; }
  std::size_t sent() const { return sent_; }
  void pause_reading() { paused_ = true; }
  void resume_reading() {
    if (std::exchange(paused_, false)) read();
  }
  void expect_little() {}  // TLS records have a size of their own
  void end_output() {
    output_ended_ = true;
    if (queue_.empty()) shut_down();
  }
  void close() {
    if (std::exchange(closed_, true)) return;
    error_code ignored;
    stream_.next_layer().close(ignored);
    owner_.reset();
  }

 private:
  void read() {
    if (reading_ || paused_ || closed_ || !ready_) return;
    reading_ = true;
    stream_.async_read_some(asio::buffer(buffer_), [self = shared_from_this()](
                                                       const error_code& error, std::size_t count) {
      self->reading_ = false;
      if (self->closed_) return;
      if (error) {
        self->gone();
        return;
      }
      const auto owner = self->owner_;
      owner->received({self->buffer_.data(), count});
      self->read();
    });
  }

  void write_next() {
    if (writing_ || queue_.empty() || closed_ || !ready_) return;
    writing_ = true;
    stream_.async_write_some(
        asio::buffer(queue_.front().data() + front_offset_, queue_.front().size() - front_offset_),
        [self = shared_from_this()](const error_code& error, std::size_t count) {
          self->writing_ = false;
          if (!self->closed_) self->written(error, count);
        });
  }

  void written(const error_code& error, std::size_t count) {
    if (error) {
      gone();
      return;
    }
    sent_ += count;
    queued_ -= count;
    front_offset_ += count;
    if (front_offset_ == queue_.front().size()) {
      queue_.pop_front();
      front_offset_ = 0;
    }
    if (!queue_.empty()) {
      write_next();
    } else if (output_ended_) {
      shut_down();
    }
  }

  /// Tells that nothing follows: first in TLS, then in TCP.
  void shut_down() {
    stream_.async_shutdown([self = shared_from_this()](const error_code&) {
      error_code ignored;
      if (!self->closed_) self->stream_.next_layer().shutdown(AsioSocket::shutdown_send, ignored);
    });
  }

  void gone() {
    if (const auto owner = std::exchange(owner_, nullptr)) owner->gone();
  }

  const std::shared_ptr<asio::ssl::context> context_;
  asio::ssl::stream<AsioSocket> stream_;
  std::shared_ptr<HttpSocket::Owner> owner_;
  std::array<char, buffer_bytes> buffer_;
  std::list<std::string> queue_;
  std::size_t front_offset_ = 0;
  std::size_t queued_ = 0;
  std::size_t sent_ = 0;
  bool ready_ = false;
  bool reading_ = false;
  bool writing_ = false;
  bool paused_ = false;
  bool output_ended_ = false;
  bool closed_ = false;
};

class OpenSslContext final : public TlsContext {
 public:
  OpenSslContext(const std::string& certificate_file, const std::string& key_file)
      : context_(std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server)) {
    SSL_CTX_set_min_proto_version(context_->native_handle(), TLS1_2_VERSION);
    SSL_CTX_set_options(context_->native_handle(), SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(context_->native_handle(), SSL_MODE_RELEASE_BUFFERS);
    static constexpr unsigned char http[] = "\x08http/1.1";
    SSL_CTX_set_alpn_select_cb(
        context_->native_handle(),
        [](SSL*, const unsigned char** chosen, unsigned char* length, const unsigned char* offered,
           unsigned int offered_length, void*) {
          return SSL_select_next_proto(const_cast<unsigned char**>(chosen), length, http,
                                       sizeof http - 1, offered,
                                       offered_length) == OPENSSL_NPN_NEGOTIATED
                     ? SSL_TLSEXT_ERR_OK
                     : SSL_TLSEXT_ERR_ALERT_FATAL;
        },
        nullptr);
    use_certificate(*context_, certificate_file, key_file);
    if (SSL_CTX_check_private_key(context_->native_handle()) != 1)
      throw std::runtime_error("the TLS key " + key_file + " does not belong to the certificate " +
                               certificate_file);
  }

  std::unique_ptr<HttpSocket> wrap(AsioSocket socket) override {
    return std::make_unique<SocketHandle<TlsSocket>>(
        std::make_shared<TlsSocket>(std::move(socket), context_));
  }

 private:
  std::shared_ptr<asio::ssl::context> context_;
};

}  // namespace

std::unique_ptr<TlsContext> make_tls_context(const std::string& certificate_file,
                                             const std::string& key_file) {
  return std::make_unique<OpenSslContext>(certificate_file, key_file);
}

}  // namespace mcp
