#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace mcp {

/// A connected socket, plain or with TLS. Loop only.
class HttpSocket {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    /// Valid during the call.
    virtual void received(std::string_view bytes) = 0;
    /// The other side sends nothing more, or the connection broke. Once.
    virtual void gone() = 0;
  };

  virtual ~HttpSocket() = default;
  /// Reads from now on; keeps `owner` (and itself) until it is closed or gone.
  virtual void start(std::shared_ptr<Owner> owner) = 0;
  /// Sends at once what the system takes, and queues the rest.
  virtual void write(std::string bytes) = 0;
  /// Bytes that wait.
  virtual std::size_t queued() const = 0;
  /// Bytes that have left so far, to see whether any do.
  virtual std::size_t sent() const = 0;
  virtual void pause_reading() = 0;
  virtual void resume_reading() = 0;
  /// Little is expected to come: the buffer is given back.
  virtual void expect_little() = 0;
  /// Tells the other side that nothing follows what is queued.
  virtual void end_output() = 0;
  /// Closes at once; the owner is not called again.
  virtual void close() = 0;
};

}  // namespace mcp
