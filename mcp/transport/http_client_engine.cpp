#include <mcp/transport/http_client_engine.h>

#include <algorithm>
#include <charconv>
#include <deque>
#include <map>
#include <stdexcept>
#include <utility>
#include <vector>

#include <boost/beast/http/parser.hpp>

#include <mcp/base/ascii.h>
#include <mcp/base/base64.h>
#include <mcp/base/uri.h>
#include <mcp/outbound/connection_rules.h>
#include <mcp/outbound/ip_address.h>

// The life of an exchange:
//
//   queued ──> resolving ──> dialing ──> (proxy's CONNECT) ──> (TLS) ──> exchanging ──> over
//     │                                                                    ↑
//     └──────────────────────── a kept connection ─────────────────────────┘
//
// A connection always has one read under way, so that a server that closes a kept connection is
// noticed before the next request is written to it.

namespace mcp {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;

constexpr std::uint32_t max_header_bytes = 64 * 1024;
constexpr std::size_t max_idle = 16;
constexpr int max_interim_responses = 8;

/// Hands the body on as it comes.
struct PassingBody {
  using value_type = std::string;
  class reader {
   public:
    template <bool is_request, class Fields>
    reader(http::header<is_request, Fields>&, value_type& passed) : passed_(passed) {}
    void init(const boost::optional<std::uint64_t>&, error_code& error) { error = {}; }
    template <class Buffers>
    std::size_t put(const Buffers& buffers, error_code& error) {
      error = {};
      std::size_t size = 0;
      for (auto it = boost::asio::buffer_sequence_begin(buffers);
           it != boost::asio::buffer_sequence_end(buffers); ++it) {
        passed_.append(static_cast<const char*>(it->data()), it->size());
        size += it->size();
      }
      return size;
    }
    void finish(error_code& error) { error = {}; }

   private:
    value_type& passed_;
  };
};
using Parser = http::response_parser<PassingBody>;

std::unique_ptr<Parser> make_parser(bool of_connect) {
  auto parser = std::make_unique<Parser>();
  parser->eager(true);
  parser->header_limit(max_header_bytes);
  parser->body_limit(boost::none);
  if (of_connect) parser->skip(true);  // what follows a CONNECT is the tunnel, never a body
  return parser;
}

/// Why a header can't be written; empty when it can.
std::string header_problem(const std::string& name, const std::string& value) {
  const bool name_ok =
      !name.empty() && std::all_of(name.begin(), name.end(), is_http_token_character);
  if (!name_ok) return "a header's name holds a character that may not be sent";
  const bool value_ok = std::all_of(value.begin(), value.end(), [](char c) {
    return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
  });
  return value_ok ? std::string()
                  : "the header " + name + " holds a character that may not be sent";
}

/// How long the server says that it keeps the connection; see RFC 2068, 19.7.1.1.
std::optional<Duration> kept_for(const HttpHeaders& headers) {
  const std::string* value = find_header(headers, "keep-alive");
  if (value == nullptr) return std::nullopt;
  const std::string text = ascii_lower(*value);
  const std::size_t at = text.find("timeout=");
  if (at == std::string::npos) return std::nullopt;
  unsigned seconds = 0;
  const char* begin = text.data() + at + 8;
  if (std::from_chars(begin, text.data() + text.size(), seconds).ec != std::errc{}) return {};
  // The server's clock began earlier: a second less, so that a request does not meet its closing.
  return std::chrono::seconds(seconds > 1 ? std::min(seconds - 1, 3600U) : 0);
}

}  // namespace

class HttpEngine::State : public std::enable_shared_from_this<HttpEngine::State> {
 public:
  State(Loop& loop, std::shared_ptr<Network> network, const HttpClientOptions& options)
      : loop_(loop), network_(std::move(network)), options_(options) {}

  Id start(Request request, Events events) {
    const Id id = ++last_id_;
    Exchange& exchange = exchanges_[id];
    exchange.request = std::move(request);
    exchange.events = std::move(events);
    loop_.post([weak = weak_from_this(), id] {
      if (auto self = weak.lock()) self->admit(id);
    });
    return id;
  }

  void cancel(Id id) {
    auto node = exchanges_.extract(id);
    if (node.empty()) return;
    release(node.mapped());
  }

  void stop() {
    stopped_ = true;
    exchanges_.clear();
    idle_.clear();
  }

 private:
  struct Connection {
    std::unique_ptr<ByteStream> stream;
    std::string key;  ///< whom it leads to
    std::optional<Id> user;
    std::string unread;
    Loop::TimerId idle_timer = Loop::TimerId::none;
  };
  using ConnectionPtr = std::shared_ptr<Connection>;

  struct Exchange {
    Request request;
    Events events;
    outbound::HttpUrl url;
    std::optional<outbound::HttpUrl> proxy;
    std::string key;
    std::vector<std::string> addresses;
    std::string dial_problems;
    ConnectionPtr connection;
    std::unique_ptr<Parser> parser;
    bool admitted = false;
    bool connecting_tunnel = false;
    bool sent = false;
    bool head_given = false;
    int interim = 0;
    Duration keep = {};
    Loop::TimerId timer = Loop::TimerId::none;
  };

  // --- Beginning ---

  void admit(Id id) {
    auto found = exchanges_.find(id);
    if (found == exchanges_.end()) return;
    Exchange& exchange = found->second;
    if (std::string problem = prepare(exchange); !problem.empty()) {
      return end(id, Failure{.forbidden = true, .text = problem});
    }
    if (exchange.request.limited) {
      if (active_ >= options_.max_connections) {
        queue_.push_back(id);
        return;
      }
      ++active_;
      exchange.admitted = true;
    }
    connect(id, exchange);
  }

  std::string prepare(Exchange& exchange) {
    const auto url = outbound::parse_http_url(exchange.request.url);
    if (!url) return "not an http or https URL";
    exchange.url = *url;
    if (std::string problem = outbound::url_problem(*url, options_.rules); !problem.empty()) {
      return problem;
    }
    for (const auto& [name, value] : exchange.request.headers) {
      if (std::string problem = header_problem(name, value); !problem.empty()) return problem;
    }
    try {
      exchange.proxy = outbound::proxy_for(*url, options_.rules, outbound::read_environment);
    } catch (const std::exception& error) {
      return error.what();
    }
    exchange.key = (url->secure ? "https " : "http ") + outbound::authority_of(*url) +
                   (exchange.proxy ? " by " + outbound::authority_of(*exchange.proxy) : "");
    return {};
  }

  void connect(Id id, Exchange& exchange) {
    auto& kept = idle_[exchange.key];
    if (!kept.empty()) {
      exchange.connection = std::move(kept.back());
      kept.pop_back();
      loop_.cancel(exchange.connection->idle_timer);
      exchange.connection->user = id;
      return write(id, exchange);
    }
    const outbound::HttpUrl& next = exchange.proxy ? *exchange.proxy : exchange.url;
    if (outbound::parse_ip_address(next.host)) return resolved(id, {next.host}, {});
    set_timer(id, exchange, options_.connect_timeout, "its name was not resolved in time");
    network_->resolve(next.host, [weak = weak_from_this(), id](const auto& addresses,
                                                               const std::string& problem) {
      if (auto self = weak.lock()) self->resolved(id, addresses, problem);
    });
  }

  void resolved(Id id, const std::vector<std::string>& addresses, const std::string& problem) {
    auto found = exchanges_.find(id);
    if (found == exchanges_.end()) return;
    Exchange& exchange = found->second;
    loop_.cancel(exchange.timer);
    if (!problem.empty()) return end(id, Failure{.text = problem});
    const outbound::HttpUrl& next = exchange.proxy ? *exchange.proxy : exchange.url;
    std::string refused = next.host + " has no address";
    for (const std::string& address : addresses) {
      // A proxy is the user's own choice: the rules are about the server's address.
      std::string why = exchange.proxy
                            ? std::string()
                            : outbound::address_problem(address, next.host, options_.rules);
      if (why.empty()) {
        exchange.addresses.push_back(address);
      } else {
        refused = why;
      }
    }
    if (exchange.addresses.empty()) return end(id, Failure{.forbidden = true, .text = refused});
    std::reverse(exchange.addresses.begin(), exchange.addresses.end());
    dial(id, exchange);
  }

  void dial(Id id, Exchange& exchange) {
    const std::string address = std::move(exchange.addresses.back());
    exchange.addresses.pop_back();
    const int port = exchange.proxy ? exchange.proxy->port : exchange.url.port;
    network_->dial(address, port, options_.connect_timeout,
                   [weak = weak_from_this(), id, address](std::unique_ptr<ByteStream> stream,
                                                          const std::string& problem) {
                     if (auto self = weak.lock())
                       self->dialed(id, address, std::move(stream), problem);
                   });
  }

  void dialed(Id id, const std::string& address, std::unique_ptr<ByteStream> stream,
              const std::string& problem) {
    auto found = exchanges_.find(id);
    if (found == exchanges_.end()) return;
    Exchange& exchange = found->second;
    if (!stream) {
      if (!exchange.dial_problems.empty()) exchange.dial_problems += ", ";
      exchange.dial_problems += address + ": " + problem;
      if (!exchange.addresses.empty()) return dial(id, exchange);
      const outbound::HttpUrl& next = exchange.proxy ? *exchange.proxy : exchange.url;
      return end(
          id,
          Failure{.text = "can't connect to " + std::string(exchange.proxy ? "the proxy " : "") +
                          outbound::authority_of(next) + " (" + exchange.dial_problems + ")"});
    }
    exchange.connection = std::make_shared<Connection>();
    exchange.connection->stream = std::move(stream);
    exchange.connection->key = exchange.key;
    exchange.connection->user = id;
    if (exchange.proxy && exchange.url.secure) return open_tunnel(id, exchange);
    if (exchange.url.secure) return start_tls(id, exchange);
    begin(id, exchange);
  }

  void open_tunnel(Id id, Exchange& exchange) {
    exchange.connecting_tunnel = true;
    exchange.parser = make_parser(true);
    const std::string authority = outbound::authority_of(exchange.url);
    std::string bytes = "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n" +
                        proxy_authorization(exchange) + "\r\n";
    set_timer(id, exchange, options_.tls_timeout, "the proxy did not answer CONNECT in time");
    exchange.connection->stream->write(std::move(bytes), [](const std::string&) {});
    read(exchange.connection);
  }

  static std::string proxy_authorization(const Exchange& exchange) {
    if (!exchange.proxy || exchange.proxy->user.empty()) return {};
    const auto decoded = [](const std::string& text) {
      return percent_decode(text).value_or(text);
    };
    return "Proxy-Authorization: Basic " +
           base64_encode(decoded(exchange.proxy->user) + ":" + decoded(exchange.proxy->password)) +
           "\r\n";
  }

  void tunnel_answered(Id id, Exchange& exchange) {
    const unsigned status = exchange.parser->get().result_int();
    if (status < 200 || status >= 300) {
      return end(id,
                 Failure{.text = "the proxy " + outbound::authority_of(*exchange.proxy) +
                                 " refused to connect to " + outbound::authority_of(exchange.url) +
                                 ": HTTP " + std::to_string(status)});
    }
    if (!exchange.connection->unread.empty()) {
      return end(id, Failure{.text = "the proxy sent more than its answer to CONNECT"});
    }
    exchange.connecting_tunnel = false;
    exchange.parser.reset();
    start_tls(id, exchange);
  }

  void start_tls(Id id, Exchange& exchange) {
    set_timer(id, exchange, options_.tls_timeout, "the TLS handshake was not finished in time");
    exchange.connection->stream->start_tls(
        exchange.url.host, [weak = weak_from_this(), id](const std::string& problem) {
          auto self = weak.lock();
          auto found = self ? self->exchanges_.find(id) : decltype(self->exchanges_.end()){};
          if (!self || found == self->exchanges_.end()) return;
          self->loop_.cancel(found->second.timer);
          if (!problem.empty()) return self->end(id, Failure{.text = problem});
          self->begin(id, found->second);
        });
  }

  // --- Exchanging ---

  void begin(Id id, Exchange& exchange) {
    read(exchange.connection);
    write(id, exchange);
  }

  void write(Id id, Exchange& exchange) {
    exchange.parser = make_parser(false);
    const Request& request = exchange.request;
    const bool absolute = exchange.proxy && !exchange.url.secure;
    std::string bytes = request.method + " ";
    if (absolute) bytes += "http://" + outbound::authority_of(exchange.url);
    bytes += exchange.url.target + " HTTP/1.1\r\nHost: " + host_header(exchange.url) + "\r\n";
    if (absolute) bytes += proxy_authorization(exchange);
    for (const auto& [name, value] : request.headers) bytes += name + ": " + value + "\r\n";
    if (!request.body.empty() || request.method == "POST") {
      bytes += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
    }
    bytes += "\r\n" + request.body;
    exchange.sent = true;
    set_timer(id, exchange, options_.first_byte_timeout, "no response came in time");
    // A write that fails is told by the read beside it, which may still find an early response.
    exchange.connection->stream->write(std::move(bytes), [](const std::string&) {});
  }

  static std::string host_header(const outbound::HttpUrl& url) {
    std::string authority = outbound::authority_of(url);
    if (url.port != (url.secure ? 443 : 80)) return authority;
    return authority.substr(0, authority.rfind(':'));
  }

  void read(const ConnectionPtr& connection) {
    // The callback lives in the connection's own stream: only weakly, or neither would ever go.
    connection->stream->read([weak = weak_from_this(), link = std::weak_ptr(connection)](
                                 std::string_view bytes, const std::string& problem) {
      auto self = weak.lock();
      auto held = link.lock();
      if (self && held) self->arrived(held, bytes, problem);
    });
  }

  void arrived(const ConnectionPtr& connection, std::string_view bytes,
               const std::string& problem) {
    if (!connection->user) return drop_idle(connection);
    const Id id = *connection->user;
    if (bytes.empty()) return closed(id, problem);
    connection->unread.append(bytes);
    parse(id);
    // The exchange may be over, and the connection be kept, used anew or gone.
    if (connection->stream && (connection.use_count() > 1) &&
        !connection_in_handshake(connection)) {
      read(connection);
    }
  }

  /// Between CONNECT and the end of the handshake, TLS reads by itself.
  bool connection_in_handshake(const ConnectionPtr& connection) {
    if (!connection->user) return false;
    auto found = exchanges_.find(*connection->user);
    return found != exchanges_.end() && !found->second.parser && !found->second.sent;
  }

  void parse(Id id) {
    while (true) {
      auto found = exchanges_.find(id);
      if (found == exchanges_.end()) return;
      Exchange& exchange = found->second;
      Connection& connection = *exchange.connection;
      Parser& parser = *exchange.parser;
      error_code error;
      if (!connection.unread.empty()) {
        const std::size_t used = parser.put(
            boost::asio::buffer(connection.unread.data(), connection.unread.size()), error);
        connection.unread.erase(0, used);
      }
      if (error && error != http::error::need_more) {
        return end(id,
                   failure(exchange, "what came is no HTTP response (" + error.message() + ")"));
      }
      if (!parser.is_header_done()) return;
      const int status = static_cast<int>(parser.get().result_int());
      if (exchange.connecting_tunnel) return tunnel_answered(id, exchange);
      if (status / 100 == 1) {
        if (status == 101 || ++exchange.interim > max_interim_responses) {
          return end(id, failure(exchange, "it answers with status " + std::to_string(status)));
        }
        exchange.parser = make_parser(false);
        if (connection.unread.empty()) return;
        continue;
      }
      if (!exchange.head_given && !give_head(id, exchange, status)) return;
      std::string body = std::exchange(parser.get().body(), {});
      const bool done = parser.is_done();
      if (!body.empty()) exchange.events.on_body(body);
      if (!exchanges_.contains(id)) return;
      if (done) return complete(id);
      if (is_stream(exchange)) {
        loop_.cancel(exchange.timer);
      } else {
        set_timer(id, exchange, options_.between_bytes_timeout, "the response stopped coming");
      }
      if (error == http::error::need_more || connection.unread.empty()) return;
    }
  }

  static bool is_stream(const Exchange& exchange) {
    const auto type = exchange.parser->get()[http::field::content_type];
    return ascii_lower({type.data(), type.size()}).starts_with("text/event-stream");
  }

  /// False when the exchange was cancelled.
  bool give_head(Id id, Exchange& exchange, int status) {
    exchange.head_given = true;
    Head head{.status = status, .headers = {}};
    for (const auto& field : exchange.parser->get()) {
      const auto name = field.name_string();
      const auto value = field.value();
      head.headers.emplace_back(ascii_lower({name.data(), name.size()}),
                                std::string(value.data(), value.size()));
    }
    exchange.keep =
        std::min(kept_for(head.headers).value_or(options_.idle_timeout), options_.idle_timeout);
    exchange.events.on_head(head);
    return exchanges_.contains(id);
  }

  void closed(Id id, const std::string& problem) {
    auto found = exchanges_.find(id);
    if (found == exchanges_.end()) return;
    Exchange& exchange = found->second;
    if (exchange.parser && problem.empty() && exchange.head_given) {
      // A response without a length ends with its connection.
      error_code error;
      exchange.parser->put_eof(error);
      if (!error && exchange.parser->is_done()) {
        exchange.keep = Duration::zero();
        return complete(id);
      }
    }
    if (exchange.connecting_tunnel) {
      return end(id, Failure{.text = "the proxy closed the connection"});
    }
    std::string what = exchange.head_given ? "the connection broke in the middle of the response"
                                           : "the connection ended without a response";
    end(id, failure(exchange, what + (problem.empty() ? "" : ": " + problem)));
  }

  static Failure failure(const Exchange& exchange, std::string text) {
    return Failure{.sent = exchange.sent, .text = std::move(text)};
  }

  // --- Ending ---

  void complete(Id id) {
    auto node = exchanges_.extract(id);
    Exchange& exchange = node.mapped();
    loop_.cancel(exchange.timer);
    keep(exchange);
    release(exchange);
    exchange.events.on_end(std::nullopt);
  }

  void end(Id id, const Failure& failure) {
    auto node = exchanges_.extract(id);
    if (node.empty()) return;
    release(node.mapped());
    node.mapped().events.on_end(failure);
  }

  void keep(Exchange& exchange) {
    ConnectionPtr connection = exchange.connection;
    auto& kept = idle_[exchange.key];
    if (stopped_ || !exchange.parser->keep_alive() || !connection->unread.empty() ||
        exchange.keep <= Duration::zero() || kept.size() >= max_idle) {
      return;
    }
    exchange.connection.reset();
    connection->user.reset();
    connection->idle_timer =
        loop_.schedule(exchange.keep, [weak = weak_from_this(), link = std::weak_ptr(connection)] {
          auto self = weak.lock();
          auto held = link.lock();
          if (self && held) self->drop_idle(held);
        });
    kept.push_back(std::move(connection));
  }

  void drop_idle(const ConnectionPtr& connection) {
    if (connection->user) return;
    loop_.cancel(connection->idle_timer);
    auto& kept = idle_[connection->key];
    kept.erase(std::remove(kept.begin(), kept.end(), connection), kept.end());
  }

  void release(Exchange& exchange) {
    loop_.cancel(exchange.timer);
    if (exchange.connection) exchange.connection->user.reset();
    exchange.connection.reset();
    if (!exchange.admitted) return;
    exchange.admitted = false;
    --active_;
    while (!queue_.empty()) {
      const Id next = queue_.front();
      queue_.pop_front();
      auto waiting = exchanges_.find(next);
      if (waiting == exchanges_.end()) continue;
      ++active_;
      waiting->second.admitted = true;
      loop_.post([weak = weak_from_this(), next] {
        auto self = weak.lock();
        auto found = self ? self->exchanges_.find(next) : decltype(self->exchanges_.end()){};
        if (self && found != self->exchanges_.end()) self->connect(next, found->second);
      });
      return;
    }
  }

  void set_timer(Id id, Exchange& exchange, Duration time, const char* text) {
    loop_.cancel(exchange.timer);
    exchange.timer = loop_.schedule(time, [weak = weak_from_this(), id, text] {
      auto self = weak.lock();
      auto found = self ? self->exchanges_.find(id) : decltype(self->exchanges_.end()){};
      if (self && found != self->exchanges_.end()) {
        self->end(id, failure(found->second, text));
      }
    });
  }

  Loop& loop_;
  std::shared_ptr<Network> network_;
  const HttpClientOptions& options_;
  Id last_id_ = 0;
  std::size_t active_ = 0;
  bool stopped_ = false;
  std::deque<Id> queue_;
  std::map<Id, Exchange> exchanges_;
  std::map<std::string, std::vector<ConnectionPtr>> idle_;
};

HttpEngine::HttpEngine(Loop& loop, std::shared_ptr<Network> network,
                       const HttpClientOptions& options)
    : state_(std::make_shared<State>(loop, std::move(network), options)) {}
HttpEngine::~HttpEngine() {
  state_->stop();
}
HttpEngine::Id HttpEngine::start(Request request, Events events) {
  return state_->start(std::move(request), std::move(events));
}
void HttpEngine::cancel(Id id) {
  state_->cancel(id);
}

}  // namespace mcp
