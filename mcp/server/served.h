#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <mcp/server/connection.h>
#include <mcp/server/engine.h>
#include <mcp/transport/transport.h>

namespace mcp::server {

/// A transport and the connection on it, from the first message to the last. It keeps itself alive
/// until the transport is closed.
class Served final : public Transport::Handler, public std::enable_shared_from_this<Served> {
 public:
  /// Called on the loop, each at most once; `closed` is the last.
  struct Events {
    std::function<void()> input_ended = {};
    std::function<void(const std::string& reason)> closed = {};
  };

  /// Any thread.
  static std::shared_ptr<Served> start(std::shared_ptr<Engine> engine,
                                       std::unique_ptr<Transport> transport, Events events);

  Served(std::shared_ptr<Engine> engine, std::unique_ptr<Transport> transport, Events events);

  /// Cancels the calls and closes the transport. Any thread.
  void close();
  /// Lets the calls in flight end, then closes the transport. Any thread.
  void finish();
  bool open() const { return open_; }

  void message(std::string_view bytes) override;
  void oversized(std::size_t limit_bytes) override;
  bool input_ended() override;
  void closed(const std::string& reason) override;

 private:
  class Pipe;

  void close_now();

  const std::shared_ptr<Engine> engine_;
  const std::shared_ptr<Transport> transport_;
  Events events_;
  std::shared_ptr<Connection> connection_;  ///< loop only
  std::shared_ptr<Served> self_;            ///< loop only; until the transport is closed
  std::atomic<bool> open_ = true;
};

}  // namespace mcp::server
