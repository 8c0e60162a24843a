#pragma once

#include <functional>
#include <memory>
#include <string>

#include <mcp/server/http_options.h>

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

}  // namespace mcp::server
