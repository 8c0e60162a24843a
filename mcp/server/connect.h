#pragma once

#include <memory>

#include <mcp/base/runtime.h>
#include <mcp/server/server.h>
#include <mcp/transport/transport.h>

namespace mcp {

namespace server {
class Served;
}

/// One transport being served. Destroying it cancels its calls and closes the transport.
class ServedConnection {
 public:
  explicit ServedConnection(std::shared_ptr<server::Served> served);
  ~ServedConnection();
  ServedConnection(ServedConnection&&) noexcept;
  ServedConnection& operator=(ServedConnection&&) noexcept;

  /// Whether the transport is still open. Any thread.
  bool open() const;

 private:
  std::shared_ptr<server::Served> served_;
};

/// Serves one transport on `runtime`, which must outlive it: for tests on a memory pair, and for
/// programs that bring their own transport. Any thread.
///
///     auto [ours, theirs] = mcp::make_memory_pair(runtime.loop(), runtime.loop());
///     auto connection = mcp::connect(server, runtime, std::move(ours));
ServedConnection connect(Server& server, Runtime& runtime, std::unique_ptr<Transport> transport);

}  // namespace mcp
