#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include <mcp/auth/loop_connector.h>
#include <mcp/transport/http_client_engine.h>

namespace mcp::auth {
namespace {

using outbound::HttpError;

/// Finds every name at the one address that was judged.
class PinnedNetwork final : public Network {
 public:
  PinnedNetwork(Loop& loop, std::shared_ptr<Network> network, std::string address)
      : loop_(loop), network_(std::move(network)), address_(std::move(address)) {}

  void resolve(const std::string&, Resolved done) override {
    loop_.post([done = std::move(done), address = address_] { done({address}, {}); });
  }
  void dial(const std::string& address, int port, Duration timeout, Dialed done) override {
    network_->dial(address, port, timeout, std::move(done));
  }

 private:
  Loop& loop_;
  std::shared_ptr<Network> network_;
  std::string address_;
};

/// One call: its engine lives on the loop, the caller waits beside it.
class Call : public std::enable_shared_from_this<Call> {
 public:
  Call(Loop& loop, const outbound::HttpOptions& options)
      : loop_(loop), total_timeout_(options.total_timeout) {
    options_.rules = options;
    options_.connect_timeout = options.connect_timeout;
    options_.tls_timeout = options.connect_timeout;
    options_.first_byte_timeout = options.headers_timeout;
    options_.between_bytes_timeout = options.idle_timeout;
    options_.network = make_system_network(loop, options);
    if (!options.pinned_address.empty())
      options_.network =
          std::make_shared<PinnedNetwork>(loop, options_.network, options.pinned_address);
  }

  outbound::HttpResponse perform(const outbound::HttpRequest& request, std::stop_token stop) {
    loop_.post([self = shared_from_this(), request] { self->start(request); });
    std::unique_lock lock(mutex_);
    const auto over = [this] { return over_; };
    if (total_timeout_.count() > 0) {
      changed_.wait_until(lock, stop, std::chrono::steady_clock::now() + total_timeout_, over);
    } else {
      changed_.wait(lock, stop, over);
    }
    if (!over_) {
      over_ = true;
      problem_ = stop.stop_requested()
                     ? HttpError(HttpError::Kind::cancelled, "the call was cancelled")
                     : HttpError(HttpError::Kind::timeout,
                                 "the call took longer than " +
                                     std::to_string(total_timeout_.count()) + " ms");
    }
    // Connections end on the loop.
    loop_.post([self = shared_from_this()] { self->engine_.reset(); });
    if (problem_) throw HttpError(*problem_);
    return std::move(response_);
  }

 private:
  void start(const outbound::HttpRequest& request) {
    engine_.emplace(loop_, options_.network, options_);
    HttpEngine::Request wire{
        .method = request.method, .url = request.url, .headers = {}, .body = request.body};
    for (const auto& [name, value] : request.headers) wire.headers.emplace_back(name, value);
    wire.headers.emplace_back("Connection", "close");
    // Weak: the engine holds them, and the call holds the engine.
    const auto call = [weak = weak_from_this()](auto&& event) {
      if (const auto self = weak.lock()) event(*self);
    };
    engine_->start(std::move(wire), {.on_head =
                                         [call](const HttpEngine::Head& head) {
                                           call([&](Call& self) { self.on_head(head); });
                                         },
                                     .on_body =
                                         [call](std::string_view bytes) {
                                           call([&](Call& self) { self.on_body(bytes); });
                                         },
                                     .on_end =
                                         [call](const std::optional<HttpEngine::Failure>& failure) {
                                           call([&](Call& self) { self.on_end(failure); });
                                         }});
  }

  void on_head(const HttpEngine::Head& head) {
    const std::lock_guard lock(mutex_);
    if (over_) return;
    response_.status = head.status;
    for (const auto& [name, value] : head.headers) response_.headers.emplace_back(name, value);
  }

  void on_body(std::string_view bytes) {
    const std::lock_guard lock(mutex_);
    if (over_) return;
    const std::size_t most = options_.rules.max_body_bytes;
    if (bytes.size() <= most - response_.body.size()) {
      response_.body += bytes;
    } else {
      finish(HttpError(HttpError::Kind::too_large,
                       "the response is larger than " + std::to_string(most) + " bytes", true));
    }
  }

  void on_end(const std::optional<HttpEngine::Failure>& failure) {
    const std::lock_guard lock(mutex_);
    if (over_) return;
    if (!failure) return finish(std::nullopt);
    const auto kind = failure->forbidden ? HttpError::Kind::bad_request
                      : failure->sent    ? HttpError::Kind::broken
                                         : HttpError::Kind::connect;
    finish(HttpError(kind, failure->text, response_.status != 0));
  }

  /// With the lock.
  void finish(std::optional<HttpError> problem) {
    over_ = true;
    problem_ = std::move(problem);
    changed_.notify_all();
  }

  Loop& loop_;
  const std::chrono::milliseconds total_timeout_;
  HttpClientOptions options_;
  std::optional<HttpEngine> engine_;  // on the loop

  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool over_ = false;
  std::optional<HttpError> problem_;
  outbound::HttpResponse response_;
};

}  // namespace

Connector make_loop_connector(Runtime& runtime) {
  return [&loop = runtime.loop()](const outbound::HttpRequest& request,
                                  const outbound::HttpOptions& options, std::stop_token stop) {
    return std::make_shared<Call>(loop, options)->perform(request, std::move(stop));
  };
}

}  // namespace mcp::auth
