#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <mcp/base/runtime.h>
#include <mcp/outbound/connection_rules.h>

namespace mcp {

/// One open TCP connection, perhaps with TLS on it. On the loop; callbacks come later, never from
/// inside the call, and not after the stream was destroyed, which closes it.
class ByteStream {
 public:
  /// `problem` is empty when it worked.
  using Done = std::function<void(const std::string& problem)>;
  /// The view is valid during the call; empty with an empty `problem`: the other side is finished.
  using Read = std::function<void(std::string_view bytes, const std::string& problem)>;

  virtual ~ByteStream() = default;
  /// Speaks TLS from here on. `host` is what the certificate must name.
  virtual void start_tls(const std::string& host, Done done) = 0;
  /// Waits for bytes. One at a time.
  virtual void read(Read done) = 0;
  /// Writes all of it. One at a time.
  virtual void write(std::string bytes, Done done) = 0;
};

/// How connections are opened: replaced in tests, to see which would be.
class Network {
 public:
  using Resolved =
      std::function<void(const std::vector<std::string>& addresses, const std::string& problem)>;
  using Dialed =
      std::function<void(std::unique_ptr<ByteStream> stream, const std::string& problem)>;

  virtual ~Network() = default;
  /// The IP addresses of a host name, as text.
  virtual void resolve(const std::string& host, Resolved done) = 0;
  /// Opens a TCP connection to an IP address; gives up after `timeout`.
  virtual void dial(const std::string& address, int port, Duration timeout, Dialed done) = 0;
};

/// The operating system's. `loop` must be one of make_runtime and outlive it. The rules say which
/// certificates are trusted and shown; they are read when the first TLS connection is opened.
std::shared_ptr<Network> make_system_network(Loop& loop, const outbound::ConnectionRules& rules);

}  // namespace mcp
