#include <mcp/transport/http_server.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <mcp/base/runtime_asio.h>
#include <mcp/transport/descriptor_limit.h>
#include <mcp/transport/http_connection.h>
#include <mcp/transport/http_socket_asio.h>
#include <mcp/transport/http_status.h>

namespace mcp {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Protocol = asio::generic::stream_protocol;
using Acceptor = asio::basic_socket_acceptor<Protocol>;
using asio::ip::tcp;
using Local = asio::local::stream_protocol;

constexpr Duration tick = std::chrono::seconds(1);
constexpr Duration accept_pause = std::chrono::milliseconds(100);
/// Descriptors that are not for connections: files, children, outgoing calls.
constexpr std::size_t kept_descriptors = 64;

std::string http_date() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[64];
  // Not strftime: its names of days depend on the locale.
  static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[parts.tm_wday],
                parts.tm_mday, months[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour,
                parts.tm_min, parts.tm_sec);
  return text;
}

HttpServerLimits bounded(HttpServerLimits limits) {
  const std::size_t allowed = descriptor_limit();
  limits.connections =
      std::min(limits.connections,
               allowed > 2 * kept_descriptors ? allowed - kept_descriptors : allowed / 2);
  return limits;
}

class Listener final : public std::enable_shared_from_this<Listener> {
 public:
  Listener(Runtime& runtime, const HttpServerOptions& options, HttpHandler& handler)
      : loop_(runtime.loop()),
        io_(io_context_of(loop_)),
        acceptor_(io_),
        state_(std::make_shared<HttpServerState>(loop_, handler, bounded(options.limits))) {
    if (options.tls_certificate.empty() && !options.tls_key.empty())
      throw std::invalid_argument("a TLS key needs its certificate");
    if (!options.tls_certificate.empty())
      tls_ = make_tls_context(options.tls_certificate, options.tls_key);
    if (options.unix_path.empty()) {
      listen_tcp(options);
    } else {
      listen_unix(options.unix_path);
    }
    acceptor_.listen(4096);
    acceptor_.non_blocking(true);
  }

  void start() {
    state_->closed = [this](HttpConnection& connection) {
      connections_.erase(&connection);
      check_drained();
    };
    on_tick();
    accept();
  }

  void drain(std::function<void()> done) {
    drained_ = std::move(done);
    state_->draining = true;
    stop_listening();
    for (const auto& connection : all()) connection->drain();
    check_drained();
  }

  void close() {
    stop_listening();
    drained_ = nullptr;
    loop_.cancel(std::exchange(timer_, Loop::TimerId::none));
    for (const auto& connection : all()) connection->close();
  }

  std::uint16_t port() const { return port_; }
  const std::string& url() const { return url_; }
  std::size_t connections() const { return connections_.size(); }

 private:
  void listen_tcp(const HttpServerOptions& options) {
    error_code error;
    const std::string host = options.host == "localhost" ? "127.0.0.1" : options.host;
    const auto address = asio::ip::make_address(host, error);
    if (error)
      throw std::invalid_argument("'" + options.host +
                                  "' is no IP address (and not 'localhost') to listen on");
    const tcp::endpoint endpoint(address, options.port);
    acceptor_.open(endpoint.protocol());
    acceptor_.set_option(Acceptor::reuse_address(true));
    try {
      acceptor_.bind(endpoint);
    } catch (const boost::system::system_error& failure) {
      throw std::system_error(
          failure.code(), "can't listen on " + options.host + ":" + std::to_string(options.port));
    }
    const auto bound = acceptor_.local_endpoint();
    tcp::endpoint local;
    std::memcpy(local.data(), bound.data(), bound.size());
    port_ = local.port();
    url_ = (tls_ ? "https://" : "http://") +
           (address.is_v6() ? "[" + address.to_string() + "]" : address.to_string()) + ":" +
           std::to_string(port_);
  }

  void listen_unix(const std::string& path) {
    const Local::endpoint endpoint(path);
    std::error_code ignored;
    if (std::filesystem::is_socket(path, ignored)) {
      Local::socket probe(io_);
      error_code error;
      probe.connect(endpoint, error);
      if (!error) throw std::invalid_argument("somebody listens on " + path + " already");
      std::filesystem::remove(path, ignored);
    }
    acceptor_.open(endpoint.protocol());
    try {
      acceptor_.bind(endpoint);
    } catch (const boost::system::system_error& failure) {
      throw std::system_error(failure.code(), "can't listen on " + path);
    }
    using std::filesystem::perms;
    std::filesystem::permissions(path, perms::owner_read | perms::owner_write);
    unix_path_ = path;
    url_ = "unix:" + path;
  }

  void stop_listening() {
    error_code ignored;
    acceptor_.close(ignored);
    if (unix_path_.empty()) return;
    std::error_code gone;
    std::filesystem::remove(std::exchange(unix_path_, {}), gone);
  }

  void accept() {
    auto socket = std::make_shared<AsioSocket>(io_);
    acceptor_.async_accept(*socket, [self = shared_from_this(), socket](const error_code& error) {
      if (!self->acceptor_.is_open()) return;
      if (error == asio::error::operation_aborted) return;
      if (error && error != asio::error::connection_aborted) {
        // No descriptor is left, most likely: connections that end make room.
        self->loop_.schedule(accept_pause, [weak = std::weak_ptr(self)] {
          const auto listener = weak.lock();
          if (listener && listener->acceptor_.is_open()) listener->accept();
        });
        return;
      }
      if (!error) self->take(std::move(*socket));
      self->accept();
    });
  }

  void take(AsioSocket socket) {
    std::string peer = "unix";
    error_code error;
    if (unix_path_.empty()) {
      socket.set_option(tcp::no_delay(true), error);
      const auto remote = socket.remote_endpoint(error);
      if (error) return;
      tcp::endpoint endpoint;
      std::memcpy(endpoint.data(), remote.data(), remote.size());
      peer = endpoint.address().to_string();
    }
    const bool full = connections_.size() >= state_->limits.connections;
    auto connection = std::make_shared<HttpConnection>(
        state_,
        tls_ && !full ? tls_->wrap(std::move(socket)) : make_plain_socket(std::move(socket)),
        std::move(peer));
    connections_.emplace(connection.get(), connection);
    connection->start();
    if (!full) return;
    HttpResponse busy = plain_response(503, "too many connections are open");
    busy.headers.emplace_back("Retry-After", "1");
    if (tls_) {
      connection->close();
    } else {
      connection->refuse(busy);
    }
  }

  void on_tick() {
    state_->date = http_date();
    for (const auto& connection : all()) connection->check_time();
    timer_ = loop_.schedule(tick, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->on_tick();
    });
  }

  /// A copy: whoever is told something may end.
  std::vector<std::shared_ptr<HttpConnection>> all() const {
    std::vector<std::shared_ptr<HttpConnection>> list;
    list.reserve(connections_.size());
    for (const auto& [address, connection] : connections_) list.push_back(connection);
    return list;
  }

  void check_drained() {
    if (drained_ && connections_.empty()) std::exchange(drained_, nullptr)();
  }

  Loop& loop_;
  asio::io_context& io_;
  Acceptor acceptor_;
  const std::shared_ptr<HttpServerState> state_;
  std::unique_ptr<TlsContext> tls_;
  std::unordered_map<HttpConnection*, std::shared_ptr<HttpConnection>> connections_;
  std::function<void()> drained_;
  Loop::TimerId timer_ = Loop::TimerId::none;
  std::string unix_path_;
  std::string url_;
  std::uint16_t port_ = 0;
};

class ListenerHandle final : public HttpServer {
 public:
  explicit ListenerHandle(std::shared_ptr<Listener> listener) : listener_(std::move(listener)) {}
  ~ListenerHandle() override { listener_->close(); }
  std::uint16_t port() const override { return listener_->port(); }
  std::string url() const override { return listener_->url(); }
  void drain(std::function<void()> done) override { listener_->drain(std::move(done)); }
  std::size_t connections() const override { return listener_->connections(); }

 private:
  std::shared_ptr<Listener> listener_;
};

}  // namespace

std::unique_ptr<HttpServer> listen_http(Runtime& runtime, const HttpServerOptions& options,
                                        HttpHandler& handler) {
  auto listener = std::make_shared<Listener>(runtime, options, handler);
  runtime.loop().post([listener] { listener->start(); });
  return std::make_unique<ListenerHandle>(std::move(listener));
}

}  // namespace mcp
