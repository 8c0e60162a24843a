#pragma once

#include <string>

#include <mcp/base/runtime.h>

namespace mcp::server {

/// One encoded message on its way out.
struct Outbound {
  enum class Kind { response, notification, request };
  Kind kind;
  std::string bytes;
  int error_code = 0;           ///< of an error response: a transport may have a status for it
  int retry_after_ms = 0;       ///< of an error response: the server is busy
  bool too_many_calls = false;  ///< of an error response: of this caller, in so short a time
};

/// Where messages go. What belongs to a request goes to the outlet that came with the request; when
/// the connection lets go of an outlet, nothing more comes. Only used on the loop.
class Outlet {
 public:
  virtual ~Outlet() = default;
  /// False: the message is lost, because the other side is gone or does not read.
  virtual bool send(Outbound message) = 0;
  /// Whether messages of several requests share it (a pipe).
  virtual bool shared() const { return true; }
  /// The call goes on, but its client may come back for the rest after `retry`: a transport whose
  /// streams can be resumed lets go of the connection.
  virtual void release(Duration /*retry*/) {}
};

}  // namespace mcp::server
