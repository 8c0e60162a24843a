#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>

#include <httplib.h>

#include <mcp/base/ascii.h>
#include <mcp/outbound/connection_breaker.h>
#include <mcp/outbound/http_call.h>
#include <mcp/outbound/ip_address.h>
#include <mcp/outbound/proxy_tunnel.h>

namespace mcp::outbound {
namespace {

using Clock = std::chrono::steady_clock;

/// Ends a blocking call from outside: on a stop request, or when a phase has lasted too long.
/// httplib knows no time-out per phase and none for the whole, so one thread watches the call.
class Watchdog {
 public:
  Watchdog(const HttpOptions& options, std::stop_token stop)
      : options_(options),
        total_end_(options.total_timeout.count() > 0 ? Clock::now() + options.total_timeout
                                                     : Clock::time_point::max()),
        phase_end_(Clock::now() + options.connect_timeout * 2 + options.headers_timeout),
        on_stop_(std::move(stop), [this] { end(Reason::stopped); }),
        thread_([this] { watch(); }) {}

  ~Watchdog() {
    {
      const std::lock_guard lock(mutex_);
      finished_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  void follow(int socket) { breaker_.follow(socket); }

  /// The response went on: a new piece may take the idle time-out. False when the call has ended.
  bool moved_on() {
    const std::lock_guard lock(mutex_);
    in_body_ = true;
    const auto end = Clock::now() + options_.idle_timeout;
    // Later ends are seen when the thread wakes; only an earlier one must wake it.
    if (end < phase_end_) changed_.notify_all();
    phase_end_ = end;
    return reason_ == Reason::none;
  }

  /// Throws when the call was ended from here.
  void rethrow(bool response_begun) {
    const std::lock_guard lock(mutex_);
    using Kind = HttpError::Kind;
    const auto words = [](std::chrono::milliseconds time) {
      return time.count() % 1000 == 0 ? std::to_string(time.count() / 1000) + " s"
                                      : std::to_string(time.count()) + " ms";
    };
    switch (reason_) {
      case Reason::none:
        return;
      case Reason::stopped:
        throw HttpError(Kind::cancelled, "the call was cancelled", response_begun);
      case Reason::total:
        throw HttpError(Kind::timeout, "the call took longer than " + words(options_.total_timeout),
                        response_begun);
      case Reason::phase:
        throw HttpError(Kind::timeout,
                        in_body_ ? "nothing was received for " + words(options_.idle_timeout)
                                 : "no response within " + words(options_.headers_timeout),
                        response_begun);
    }
  }

 private:
  enum class Reason { none, stopped, total, phase };

  void end(Reason reason) {
    {
      const std::lock_guard lock(mutex_);
      if (reason_ == Reason::none) reason_ = reason;
    }
    breaker_.shut();
  }

  void watch() {
    std::unique_lock lock(mutex_);
    while (!finished_ && reason_ == Reason::none) {
      const auto until = std::min(total_end_, phase_end_);
      changed_.wait_until(lock, until);
      const auto now = Clock::now();
      if (finished_ || (now < total_end_ && now < phase_end_)) continue;
      const Reason reason = now >= total_end_ ? Reason::total : Reason::phase;
      lock.unlock();
      end(reason);
      lock.lock();
    }
  }

  const HttpOptions& options_;
  ConnectionBreaker breaker_;
  std::mutex mutex_;
  std::condition_variable changed_;
  const Clock::time_point total_end_;
  Clock::time_point phase_end_;
  bool in_body_ = false;
  bool finished_ = false;
  Reason reason_ = Reason::none;
  std::stop_callback<std::function<void()>> on_stop_;
  std::thread thread_;
};

void check_header(const std::string& name, const std::string& value) {
  const auto unsafe = [](const std::string& text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos;
  };
  if (name.empty() || unsafe(name) || unsafe(value) ||
      name.find_first_of(" :\t") != std::string::npos) {
    throw HttpError(HttpError::Kind::bad_request, "header \"" +
                                                      (unsafe(name) ? std::string("?") : name) +
                                                      "\" holds a character that may not be sent");
  }
}

#ifdef CPPHTTPLIB_OPENSSL_SUPPORT
/// httplib's own CONNECT hangs for good when the proxy answers with `Connection: close` (it locks a
/// mutex that it holds already). Here the tunnel is opened as soon as the proxy is connected, and
/// httplib is left with a connection that seems direct.
class TlsClient : public httplib::SSLClient {
 public:
  TlsClient(const HttpUrl& url, const HttpOptions& options, std::string& tunnel_problem)
      : SSLClient(url.host, url.port, options.client_certificate_file, options.client_key_file),
        authority_(authority_of(url)),
        tunnel_problem_(tunnel_problem) {
    if (!options.ca_file.empty()) set_ca_cert_path(options.ca_file);
  }

 private:
  bool create_and_connect_socket(Socket& socket, httplib::Error& error) override {
    // SSLClient's own does just this, but it is private there.
    // NOLINTNEXTLINE(bugprone-parent-virtual-call)
    if (!is_valid() || !ClientImpl::create_and_connect_socket(socket, error)) return false;
    if (proxy_host_.empty()) return true;
    std::string account = proxy_basic_auth_username_;
    if (!account.empty()) account += ":" + proxy_basic_auth_password_;
    tunnel_problem_ = open_tunnel(socket.sock, authority_, account);
    proxy_host_.clear();
    if (!tunnel_problem_.empty()) error = httplib::Error::Connection;
    return tunnel_problem_.empty();
  }

  std::string authority_;
  std::string& tunnel_problem_;
};
#endif

/// `tunnel_problem`: receives why a proxy opened no tunnel; must outlive the client.
std::unique_ptr<httplib::ClientImpl> make_client(const HttpUrl& url, const HttpOptions& options,
                                                 std::string& tunnel_problem) {
  if (!url.secure) return std::make_unique<httplib::ClientImpl>(url.host, url.port);
#ifdef CPPHTTPLIB_OPENSSL_SUPPORT
  return std::make_unique<TlsClient>(url, options, tunnel_problem);
#else
  static_cast<void>(options);
  static_cast<void>(tunnel_problem);
  throw HttpError(HttpError::Kind::tls, "this build has no TLS: only http URLs can be called");
#endif
}

/// The address to connect to, when the rules restrict addresses: it is resolved and judged here,
/// and not resolved a second time.
std::string permitted_address(const HttpUrl& url, const HttpOptions& options) {
  using Kind = HttpError::Kind;
  std::vector<std::string> addresses;
  try {
    addresses = options.resolve ? options.resolve(url.host) : resolve_host(url.host);
  } catch (const std::runtime_error& error) {
    throw HttpError(Kind::connect, error.what());
  }
  std::string problem = url.host + " has no address";
  for (const std::string& address : addresses) {
    problem = address_problem(address, url.host, options);
    if (problem.empty()) return address;
  }
  throw HttpError(Kind::bad_request, problem);
}

[[noreturn]] void throw_error(httplib::Error error, const HttpUrl& url, const HttpOptions& options,
                              bool response_begun) {
  using Kind = HttpError::Kind;
  switch (error) {
    case httplib::Error::Connection:
      throw HttpError(Kind::connect, "can't connect to " + authority_of(url));
    case httplib::Error::ConnectionTimeout:
      throw HttpError(Kind::timeout, "no connection to " + authority_of(url) + " within " +
                                         std::to_string(options.connect_timeout.count()) + " ms");
    case httplib::Error::SSLConnection:
      throw HttpError(Kind::tls, "the TLS handshake with " + authority_of(url) + " failed");
    case httplib::Error::SSLLoadingCerts:
      throw HttpError(Kind::tls, "can't read the certificates in " + options.ca_file);
    case httplib::Error::SSLServerVerification:
      throw HttpError(Kind::tls, "the certificate of " + authority_of(url) + " is not trusted");
    default:
      throw HttpError(Kind::broken,
                      response_begun
                          ? "the connection to " + authority_of(url) + " broke in mid-response"
                          : authority_of(url) + " closed the connection without a response",
                      response_begun);
  }
}

}  // namespace

HttpResponse http_call(const HttpRequest& request, const HttpOptions& options, std::stop_token stop,
                       const BodyHandler& on_body) {
  using Kind = HttpError::Kind;
  const auto url = parse_http_url(request.url);
  if (!url) throw HttpError(Kind::bad_request, "not an http or https URL: " + request.url);
  if (std::string problem = url_problem(*url, options); !problem.empty()) {
    throw HttpError(Kind::bad_request, problem);
  }
  if (stop.stop_requested()) throw HttpError(Kind::cancelled, "the call was cancelled");

  httplib::Request wire;
  wire.method = request.method;
  wire.path = url->target;
  wire.body = request.body;
  for (const auto& [name, value] : request.headers) {
    check_header(name, value);
    wire.headers.emplace(name, value);
  }

  const SuppressBrokenPipeSignal no_sigpipe;
  Watchdog watchdog(options, std::move(stop));
  std::string tunnel_problem;
  const auto client = make_client(*url, options, tunnel_problem);
  client->set_tcp_nodelay(true);
  client->set_url_encode(false);
  client->set_connection_timeout(options.connect_timeout);
  // The watchdog decides; these are only wide enough to never fire before it.
  client->set_read_timeout(options.headers_timeout + options.idle_timeout);
  client->set_write_timeout(options.headers_timeout + options.idle_timeout);
  client->set_socket_options([&](socket_t socket) { watchdog.follow(socket); });
  std::optional<HttpUrl> proxy;
  try {
    proxy = proxy_for(*url, options, read_environment);
  } catch (const std::invalid_argument& error) {
    throw HttpError(Kind::bad_request, error.what());
  }
  if (proxy) {
    client->set_proxy(proxy->host, proxy->port);
    if (!proxy->user.empty()) client->set_proxy_basic_auth(proxy->user, proxy->password);
  }
  std::string pinned = options.pinned_address;
  if (pinned.empty() && !proxy && (!options.allow_loopback || !options.allow_private)) {
    pinned = permitted_address(*url, options);
  }
  if (!pinned.empty()) client->set_hostname_addr_map({{url->host, pinned}});

  HttpResponse response;
  bool begun = false;
  bool refused = false;
  std::size_t received = 0;
  wire.response_handler = [&](const httplib::Response& head) {
    begun = true;
    response.status = head.status;
    for (const auto& [name, value] : head.headers)
      response.headers.emplace_back(ascii_lower(name), value);
    return watchdog.moved_on();
  };
  wire.content_receiver = [&](const char* data, std::size_t size, std::uint64_t, std::uint64_t) {
    if (!watchdog.moved_on()) return false;
    received += size;
    if (received > options.max_body_bytes) return false;
    if (on_body) {
      refused = !on_body(response, std::string_view(data, size));
      return !refused;
    }
    response.body.append(data, size);
    return true;
  };

  httplib::Response unused;
  httplib::Error error = httplib::Error::Success;
  const bool complete = client->send(wire, unused, error);
  if (complete) {
    // A body without a length ends with the connection, also when the watchdog ended that.
    watchdog.rethrow(begun);
    return response;
  }
  if (received > options.max_body_bytes) {
    throw HttpError(
        Kind::too_large,
        "the response is larger than " + std::to_string(options.max_body_bytes) + " bytes", begun);
  }
  if (refused) throw HttpError(Kind::cancelled, "the receiver ended the call", begun);
  watchdog.rethrow(begun);
  if (!tunnel_problem.empty()) {
    throw HttpError(Kind::connect, "the proxy " + authority_of(*proxy) + " opened no tunnel to " +
                                       authority_of(*url) + ": " + tunnel_problem);
  }
  throw_error(error, *url, options, begun);
}

bool https_supported() noexcept {
#ifdef CPPHTTPLIB_OPENSSL_SUPPORT
  return true;
#else
  return false;
#endif
}

}  // namespace mcp::outbound
