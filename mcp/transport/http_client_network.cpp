#include <mcp/transport/http_client_network.h>

#include <array>
#include <optional>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <mcp/base/runtime_asio.h>
#include <mcp/transport/tls_context.h>

namespace mcp {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t read_size = std::size_t{16} << 10U;

/// Kept by the operations that are under way, so that destroying the stream need not wait for them.
struct Socket : std::enable_shared_from_this<Socket> {
  explicit Socket(asio::io_context& io) : socket(io) {}

  void close() {
    closed = true;
    error_code ignored;
    socket.close(ignored);
  }

  tcp::socket socket;
  std::shared_ptr<asio::ssl::context> context;
  std::optional<asio::ssl::stream<tcp::socket&>> tls;
  std::string writing;
  std::array<char, read_size> reading{};
  bool closed = false;
};

std::string tls_problem(Socket& socket, const error_code& error) {
  const long result = SSL_get_verify_result(socket.tls->native_handle());
  if (result != X509_V_OK) {
    return std::string("the server's certificate is not trusted: ") +
           X509_verify_cert_error_string(result);
  }
  return "the TLS handshake failed: " + error.message();
}

class SystemStream final : public ByteStream {
 public:
  SystemStream(std::shared_ptr<Socket> socket, std::shared_ptr<asio::ssl::context>& context,
               const outbound::ConnectionRules& rules)
      : socket_(std::move(socket)), context_(context), rules_(rules) {}
  ~SystemStream() override { socket_->close(); }

  void start_tls(const std::string& host, Done done) override {
    try {
      if (!context_) {
        context_ = std::make_shared<asio::ssl::context>(make_client_tls_context(rules_));
      }
    } catch (const std::exception& error) {
      return fail_later(error.what(), std::move(done));
    }
    socket_->context = context_;
    socket_->tls.emplace(socket_->socket, *context_);
    SSL* ssl = socket_->tls->native_handle();
    error_code is_name;
    asio::ip::make_address(host, is_name);
    if (is_name) SSL_set_tlsext_host_name(ssl, host.c_str());
    static constexpr unsigned char protocols[] = "\x08http/1.1";
    SSL_set_alpn_protos(ssl, protocols, sizeof protocols - 1);
    socket_->tls->set_verify_callback(asio::ssl::host_name_verification(host));
    socket_->tls->async_handshake(
        asio::ssl::stream_base::client,
        [socket = socket_, done = std::move(done)](const error_code& error) {
          if (socket->closed) return;
          done(error ? tls_problem(*socket, error) : std::string());
        });
  }

  void read(Read done) override {
    auto arrived = [socket = socket_, done = std::move(done)](const error_code& error,
                                                              std::size_t size) {
      if (socket->closed) return;
      if (error == asio::error::eof) return done({}, {});
      if (error) return done({}, error.message());
      done({socket->reading.data(), size}, {});
    };
    const auto buffer = asio::buffer(socket_->reading);
    if (socket_->tls) {
      socket_->tls->async_read_some(buffer, std::move(arrived));
    } else {
      socket_->socket.async_read_some(buffer, std::move(arrived));
    }
  }

  void write(std::string bytes, Done done) override {
    socket_->writing = std::move(bytes);
    auto written = [socket = socket_, done = std::move(done)](const error_code& error,
                                                              std::size_t) {
      if (socket->closed) return;
      socket->writing = {};
      done(error ? error.message() : std::string());
    };
    const auto buffer = asio::buffer(socket_->writing);
    if (socket_->tls) {
      asio::async_write(*socket_->tls, buffer, std::move(written));
    } else {
      asio::async_write(socket_->socket, buffer, std::move(written));
    }
  }

 private:
  void fail_later(std::string problem, Done done) {
    asio::post(socket_->socket.get_executor(),
               [socket = socket_, problem = std::move(problem), done = std::move(done)] {
                 if (!socket->closed) done(problem);
               });
  }

  std::shared_ptr<Socket> socket_;
  std::shared_ptr<asio::ssl::context>& context_;
  const outbound::ConnectionRules& rules_;
};

class SystemNetwork final : public Network, public std::enable_shared_from_this<SystemNetwork> {
 public:
  SystemNetwork(Loop& loop, const outbound::ConnectionRules& rules)
      : loop_(loop), io_(io_context_of(loop)), rules_(rules) {}

  void resolve(const std::string& host, Resolved done) override {
    auto resolver = std::make_shared<tcp::resolver>(io_);
    resolver->async_resolve(
        host, "", [resolver, host, done = std::move(done)](const error_code& error, auto results) {
          if (error) return done({}, "can't resolve " + host + ": " + error.message());
          std::vector<std::string> addresses;
          for (const auto& entry : results)
            addresses.push_back(entry.endpoint().address().to_string());
          done(addresses, {});
        });
  }

  void dial(const std::string& address, int port, Duration timeout, Dialed done) override {
    error_code error;
    const auto ip = asio::ip::make_address(address, error);
    auto socket = std::make_shared<Socket>(io_);
    if (error) {
      return asio::post(io_, [done = std::move(done), address] {
        done(nullptr, "\"" + address + "\" is no IP address");
      });
    }
    const auto timer = loop_.schedule(timeout, [socket] { socket->close(); });
    socket->socket.async_connect(
        tcp::endpoint(ip, static_cast<std::uint16_t>(port)),
        [self = shared_from_this(), socket, timer, done = std::move(done)](error_code failed) {
          self->loop_.cancel(timer);
          if (socket->closed) return done(nullptr, "no connection in time");
          if (failed) return done(nullptr, failed.message());
          error_code ignored;
          socket->socket.set_option(tcp::no_delay(true), ignored);
          socket->socket.set_option(asio::socket_base::keep_alive(true), ignored);
          done(std::make_unique<SystemStream>(socket, self->context_, self->rules_), {});
        });
  }

 private:
  Loop& loop_;
  asio::io_context& io_;
  const outbound::ConnectionRules rules_;
  std::shared_ptr<asio::ssl::context> context_;
};

}  // namespace

std::shared_ptr<Network> make_system_network(Loop& loop, const outbound::ConnectionRules& rules) {
  return std::make_shared<SystemNetwork>(loop, rules);
}

}  // namespace mcp
