#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mcp::outbound {

/// A small HTTP server on 127.0.0.1 for one user's own machine: a replayed gateway, the landing
/// page of a login. Not for servers that others reach: those are in mcp/transport.
class LoopbackServer {
 public:
  struct Request {
    std::string method;
    std::string path;
    std::string query;                           ///< still encoded, without the `?`
    std::map<std::string, std::string> headers;  ///< names in lower case
    std::string body;                            ///< at most 64 MiB
  };
  /// Sends a piece of a streamed body; false when the caller is gone.
  using Write = std::function<bool(std::string_view piece)>;
  struct Response {
    int status = 200;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string content_type = "application/json";
    std::string body;
    /// When set, the body is what this writes; return false to break the connection.
    std::function<bool(const Write& write)> stream;
  };
  /// Called on one of a few worker threads, several at once. What it throws is answered with 500.
  using Handler = std::function<Response(const Request& request)>;

  /// Listens on `port` (0: any free one) and serves on threads of its own.
  /// Throws std::runtime_error when the port is taken.
  LoopbackServer(int port, Handler handler);
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;
  /// Stops listening and waits for the requests in progress.
  ~LoopbackServer();

  int port() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mcp::outbound
