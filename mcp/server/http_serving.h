#pragma once

#include <functional>
#include <memory>
#include <string>

#include <mcp/server/http_options.h>

namespace CLI {
class App;
}
namespace mcp {
struct ServeOptions;
}

namespace mcp::server {

class Engine;

/// A listening HTTP server, as `serve` sees it. Destroying it closes every connection.
class HttpServed {
 public:
  virtual ~HttpServed() = default;
  virtual std::string url() const = 0;
  /// See HttpService::drain.
  virtual void drain(std::function<void()> done) = 0;
};

/// How `serve`, which must not load OpenSSL, finds the HTTP server: null unless the program links
/// fairlead::http, which sets it before main.
using HttpServing = std::unique_ptr<HttpServed> (*)(std::shared_ptr<Engine> engine,
                                                    HttpOptions options);
HttpServing& http_serving();

/// How the command line of `serve`, which is below fairlead::auth, gets its options for bearer
/// tokens: null unless the program links that library, which sets it before main.
using AddAuthorizationOptions = void (*)(CLI::App& app, ServeOptions& options);
AddAuthorizationOptions& add_authorization_options();

}  // namespace mcp::server
