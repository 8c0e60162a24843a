#include <mcp/server/http_service.h>

#include <future>
#include <utility>

#include <mcp/server/engine.h>
#include <mcp/server/http_endpoint.h>
#include <mcp/server/http_serving.h>

namespace mcp {

class HttpService::Inside {
 public:
  Inside(std::shared_ptr<server::Engine> engine, const HttpOptions& options)
      : engine_(std::move(engine)),
        path_(options.listen.unix_path.empty() ? options.path : std::string()),
        endpoint_(std::make_unique<server::HttpEndpoint>(engine_, options)),
        server_(listen_http(engine_->runtime(), options.listen, *endpoint_)) {
    loop().post([endpoint = endpoint_.get()] { endpoint->start(); });
  }

  Loop& loop() { return engine_->runtime().loop(); }
  std::string url() const { return server_->url() + path_; }
  std::uint16_t port() const { return server_->port(); }
  void drain(std::function<void()> done) {
    endpoint_->drain();
    server_->drain(std::move(done));
  }
  /// On the loop.
  void close() {
    server_.reset();
    endpoint_.reset();
  }

 private:
  const std::shared_ptr<server::Engine> engine_;
  const std::string path_;
  std::unique_ptr<server::HttpEndpoint> endpoint_;
  std::unique_ptr<HttpServer> server_;
};

HttpService::HttpService(const Server& server, Runtime& runtime, HttpOptions options)
    : HttpService(server::Engine::create(server, runtime), std::move(options)) {}

HttpService::HttpService(std::shared_ptr<server::Engine> engine, HttpOptions options) {
  // A body may be as long as a message.
  options.listen.limits.body_bytes = engine->gate().limits().message_bytes;
  inside_ = std::make_shared<Inside>(std::move(engine), options);
}

HttpService::~HttpService() {
  Loop& loop = inside_->loop();
  if (loop.is_current()) {
    inside_->close();
    return;
  }
  std::promise<void> closed;
  loop.post([&] {
    inside_->close();
    closed.set_value();
  });
  closed.get_future().wait();
}

std::string HttpService::url() const {
  return inside_->url();
}

std::uint16_t HttpService::port() const {
  return inside_->port();
}

void HttpService::drain(std::function<void()> done) {
  inside_->loop().post(
      [inside = inside_, done = std::move(done)]() mutable { inside->drain(std::move(done)); });
}

}  // namespace mcp

namespace mcp::server {
namespace {

class ServedByService final : public HttpServed {
 public:
  ServedByService(std::shared_ptr<Engine> engine, HttpOptions options)
      : service_(std::move(engine), std::move(options)) {}
  std::string url() const override { return service_.url(); }
  void drain(std::function<void()> done) override { service_.drain(std::move(done)); }

 private:
  HttpService service_;
};

}  // namespace
}  // namespace mcp::server

// The link options of fairlead::http ask for this symbol, so that this file is part of every
// program that links the library, and `mcp::serve` finds it.
extern "C" const bool fairlead_serves_http;
const bool fairlead_serves_http = [] {
  using namespace mcp::server;
  http_serving() = [](std::shared_ptr<Engine> engine,
                      mcp::HttpOptions options) -> std::unique_ptr<HttpServed> {
    return std::make_unique<ServedByService>(std::move(engine), std::move(options));
  };
  return true;
}();
