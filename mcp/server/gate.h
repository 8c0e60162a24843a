#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <mcp/base/runtime.h>
#include <mcp/jsonrpc/codec.h>
#include <mcp/server/core.h>

namespace mcp::server {

/// A message that came through the gate.
struct Taken {
  jsonrpc::Incoming message;
  /// For what a request holds; null when there was no room for it, or nothing is kept of it.
  Charge charge = nullptr;
  /// See jsonrpc::Decoded.
  bool whole = true;
};

/// Bytes to messages that are charged for the memory they hold, not for their length. Large ones
/// are decoded aside, within the room that is left; small ones on the loop, and always whole: a
/// ping or a cancellation is understood however full it is. Loop only.
class Gate {
 public:
  /// Past this, decoding would hold up the other connections.
  static constexpr std::size_t small_bytes = std::size_t{64} << 10U;
  using Done = std::function<void(Taken)>;

  Gate(std::shared_ptr<Core> core, Runtime& runtime);

  /// Decodes a small message.
  Taken take(std::string_view bytes);
  /// Finds out who speaks, and has no room for what a request carries.
  Taken take_without_room(std::string_view bytes);
  /// Decodes a large message and calls `done` on the loop. `charge` is for the bytes. Whatever goes
  /// wrong meanwhile, `done` is called.
  void take_aside(std::string bytes, Charge charge, Done done);
  /// What is said when a message could not be read for want of memory.
  static Taken unread();

  jsonrpc::CodecLimits limits() const;

 private:
  const std::shared_ptr<Core> core_;
  Runtime& runtime_;
  jsonrpc::Decoder decoder_;
};

}  // namespace mcp::server
