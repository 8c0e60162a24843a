#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include <mcp/base/runtime.h>
#include <mcp/transport/transport.h>

namespace mcp {

struct MemoryPairOptions {
  /// Bytes that may wait in one direction; past it `send` refuses. A single message is always
  /// taken when nothing waits.
  std::size_t max_queued_bytes = std::size_t{64} << 20U;
};

/// Two ends of one pipe inside the process: what one end sends, the other receives. The first end's
/// handler is called on `a`, the second's on `b`; they may be the same loop. What is sent before
/// the other end starts is kept for it. Closing or destroying one end closes the other after it has
/// received what was sent. An end may outlive the other; both loops must outlive both ends.
std::pair<std::unique_ptr<Transport>, std::unique_ptr<Transport>> make_memory_pair(
    Loop& a, Loop& b, const MemoryPairOptions& options = {});

}  // namespace mcp
