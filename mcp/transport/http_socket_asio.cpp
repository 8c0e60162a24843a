#include <mcp/transport/http_socket_asio.h>

#include <array>
#include <list>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/system/error_code.hpp>

namespace mcp {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t buffer_bytes = 4096;

/// The working half, kept alive by the reads and writes under way.
class PlainSocket final : public std::enable_shared_from_this<PlainSocket> {
 public:
  explicit PlainSocket(AsioSocket socket) : socket_(std::move(socket)) {}

  void start(std::shared_ptr<HttpSocket::Owner> owner) {
    owner_ = std::move(owner);
    error_code ignored;
    socket_.non_blocking(true, ignored);
    read();
  }

  void write(std::string bytes) {
    if (closed_ || output_ended_) return;
    std::size_t offset = 0;
    if (queue_.empty()) {
      error_code error;
      offset = socket_.write_some(asio::buffer(bytes), error);
      if (error && error != asio::error::would_block) {
        fail_later();
        return;
      }
      sent_ += offset;
      if (offset == bytes.size()) return;
    }
    queued_ += bytes.size() - offset;
    queue_.push_back(std::move(bytes));
    if (queue_.size() == 1) {
      front_offset_ = offset;
      wait_to_write();
    }
  }

  std::size_t queued() const { return queued_; }
  std::size_t sent() const { return sent_; }

  void pause_reading() { paused_ = true; }
  void resume_reading() {
    if (std::exchange(paused_, false)) read();
  }
  void expect_little() {
    little_ = true;
    error_code ignored;
    // The read under way ends, and a small one follows.
    if (reading_ && queue_.empty()) socket_.cancel(ignored);
  }
  void end_output() {
    output_ended_ = true;
    if (queue_.empty()) shut_down();
  }
  void close() {
    if (std::exchange(closed_, true)) return;
    error_code ignored;
    socket_.close(ignored);
    owner_.reset();
  }

 private:
  void read() {
    if (reading_ || paused_ || closed_) return;
    reading_ = true;
    asio::mutable_buffer into;
    if (little_) {
      buffer_.reset();
      into = asio::buffer(little_buffer_);
    } else {
      if (!buffer_) buffer_ = std::make_unique_for_overwrite<char[]>(buffer_bytes);
      into = asio::buffer(buffer_.get(), buffer_bytes);
    }
    socket_.async_read_some(into, [self = shared_from_this(), data = into.data()](
                                      const error_code& error, std::size_t count) {
      self->on_read(error, static_cast<const char*>(data), count);
    });
  }

  void on_read(const error_code& error, const char* data, std::size_t count) {
    reading_ = false;
    if (closed_) return;
    if (error && error != asio::error::operation_aborted) {
      gone();
      return;
    }
    if (count > 0) {
      little_ = false;
      const auto owner = owner_;
      owner->received({data, count});
    }
    read();
  }

  void wait_to_write() {
    socket_.async_wait(AsioSocket::wait_write,
                       [self = shared_from_this()](const error_code& error) {
                         if (!self->closed_) self->write_queue(error);
                       });
  }

  void write_queue(const error_code& waited) {
    if (waited && waited != asio::error::operation_aborted) {
      gone();
      return;
    }
    while (!queue_.empty()) {
      const std::string& front = queue_.front();
      error_code error;
      const std::size_t count = socket_.write_some(
          asio::buffer(front.data() + front_offset_, front.size() - front_offset_), error);
      sent_ += count;
      queued_ -= count;
      front_offset_ += count;
      if (error == asio::error::would_block) {
        wait_to_write();
        return;
      }
      if (error) {
        gone();
        return;
      }
      if (front_offset_ < front.size()) continue;
      queue_.pop_front();
      front_offset_ = 0;
    }
    if (output_ended_) shut_down();
  }

  void shut_down() {
    error_code ignored;
    socket_.shutdown(AsioSocket::shutdown_send, ignored);
  }

  /// Not within the call of who writes.
  void fail_later() {
    error_code ignored;
    socket_.shutdown(AsioSocket::shutdown_both, ignored);  // the read under way ends
  }

  void gone() {
    if (const auto owner = std::exchange(owner_, nullptr)) owner->gone();
  }

  AsioSocket socket_;
  std::shared_ptr<HttpSocket::Owner> owner_;
  std::unique_ptr<char[]> buffer_;
  std::array<char, 16> little_buffer_;
  std::list<std::string> queue_;  // empty, it costs nothing: most streams are idle
  std::size_t front_offset_ = 0;
  std::size_t queued_ = 0;
  std::size_t sent_ = 0;
  bool reading_ = false;
  bool paused_ = false;
  bool little_ = false;
  bool output_ended_ = false;
  bool closed_ = false;
};

}  // namespace

std::unique_ptr<HttpSocket> make_plain_socket(AsioSocket socket) {
  return std::make_unique<SocketHandle<PlainSocket>>(
      std::make_shared<PlainSocket>(std::move(socket)));
}

}  // namespace mcp
