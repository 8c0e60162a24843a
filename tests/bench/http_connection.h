#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// A client's connection to 127.0.0.1 that never blocks after it is made, for load: it believes the
/// server's framing.
class HttpConnection {
 public:
  /// Throws std::runtime_error when nobody listens. `from` is the last byte of the address in
  /// 127.0.0.0/24 that the connection comes from: to the server each is a caller of its own.
  explicit HttpConnection(int port, std::uint8_t from = 1);
  HttpConnection(HttpConnection&& other) noexcept;
  HttpConnection& operator=(HttpConnection&&) = delete;
  ~HttpConnection();

  struct Response {
    int status;
    std::string head;
    std::string body;  ///< of a stream, all of it

    /// The header's value, or nothing. `name` in any case.
    std::string header(std::string_view name) const;
  };

  int descriptor() const { return descriptor_; }
  /// Throws when the socket does not take all of it at once.
  void send(std::string_view bytes) const;
  /// Takes what has come; false when the server has closed.
  bool receive();
  /// The next response that has come whole.
  std::optional<Response> response();
  /// Waits for the next response.
  Response wait();
  /// Waits for the head of a response that goes on as a stream.
  std::string wait_for_stream();
  /// How often `text` has come on the stream; forgets what is read.
  std::size_t count(std::string_view text);

 private:
  int descriptor_ = -1;
  std::string received_;
};
