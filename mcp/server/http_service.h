#pragma once

#include <functional>
#include <memory>
#include <string>

#include <mcp/server/http_options.h>
#include <mcp/server/server.h>

namespace mcp {

namespace server {
class Engine;
}

/// A server that listens for HTTP (library `fairlead::http`). `mcp::serve` makes one for `--http`;
/// make your own to embed a server in a program, or to serve on several sockets.
///
///     mcp::HttpService service(server, *runtime, {.listen = {.port = 8080}});
///     // http://127.0.0.1:8080/mcp answers until `service` is destroyed
class HttpService {
 public:
  /// Listens; answers once the runtime's loop runs. `runtime` (of make_runtime) must outlive it.
  /// Throws std::system_error, std::invalid_argument or std::runtime_error when it can't listen.
  HttpService(const Server& server, Runtime& runtime, HttpOptions options = {});
  /// The same for an engine that serves other transports too.
  HttpService(std::shared_ptr<server::Engine> engine, HttpOptions options);
  /// Cancels what is being answered and closes every connection. Not on a worker thread.
  ~HttpService();
  HttpService(const HttpService&) = delete;
  HttpService& operator=(const HttpService&) = delete;

  /// The endpoint's URL, such as `http://127.0.0.1:8080/mcp`. Any thread.
  std::string url() const;
  std::uint16_t port() const;
  /// Takes no new connections and ends the open streams; calls go on. `done` is called on the loop
  /// when the last connection has ended. Any thread, once.
  void drain(std::function<void()> done);

 private:
  class Inside;
  std::shared_ptr<Inside> inside_;
};

}  // namespace mcp
