#include <mcp/transport/line_stream_posix.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>
#include <iterator>
#include <utility>

#include <sys/uio.h>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

#include <mcp/base/runtime_asio.h>

namespace mcp {
namespace {

/// Messages that are gathered into one system call.
constexpr std::size_t messages_a_write = 256;
/// System calls in one go, so that a quick reader does not keep the loop.
constexpr int writes_a_round = 16;
/// From here on a message is queued as it is and its newline behind it: adding the newline to the
/// string would copy it.
constexpr std::size_t large_message = std::size_t{64} << 10U;

/// What a queued message takes, not only what it says: a flood of short answers that nobody reads
/// is bounded by memory too.
std::size_t memory_of(const std::string& message) {
  return sizeof(std::string) + message.capacity();
}

}  // namespace

LineStream::LineStream(Loop& loop, Descriptor input, Descriptor output, std::size_t max_line_bytes,
                       std::size_t max_queued_bytes)
    : loop_(loop),
      max_queued_bytes_(max_queued_bytes),
      framer_(max_line_bytes),
      input_(io_context_of(loop)),
      output_(io_context_of(loop)) {
  input_.assign(input.get());
  input.release();
  output_.assign(output.get());
  output.release();
  input_.non_blocking(true);
  output_.non_blocking(true);
}

void LineStream::start(std::weak_ptr<Owner> owner) {
  owner_ = std::move(owner);
  read();
}

bool LineStream::send(std::string bytes) {
  // The newline is the frame. JSON has it outside strings only, where it is white space.
  for (auto at = bytes.find('\n'); at != std::string::npos; at = bytes.find('\n', at)) {
    bytes[at] = ' ';
  }
  const bool separate = bytes.size() >= large_message && bytes.size() == bytes.capacity();
  if (!separate) bytes.push_back('\n');

  std::lock_guard lock(mutex_);
  const std::size_t size = memory_of(bytes);
  if (refusing_ || (queued_bytes_ > 0 && queued_bytes_ + size > max_queued_bytes_)) return false;
  queued_bytes_ += size;
  queue_.push_back(std::move(bytes));
  if (separate) queued_bytes_ += memory_of(queue_.emplace_back("\n"));
  if (!std::exchange(write_scheduled_, true)) {
    loop_.post([self = shared_from_this()] { self->write(); });
  }
  return true;
}

void LineStream::end_output() {
  if (std::exchange(ending_output_, true)) return;
  std::lock_guard lock(mutex_);
  refusing_ = true;
  if (!std::exchange(write_scheduled_, true)) {
    loop_.post([self = shared_from_this()] { self->write(); });
  }
}

void LineStream::stop_input() {
  boost::system::error_code ignored;
  input_.close(ignored);
}

void LineStream::stop() {
  owner_.reset();
  stop_input();
  boost::system::error_code ignored;
  output_.close(ignored);
  std::lock_guard lock(mutex_);
  refusing_ = true;
}

void LineStream::read() {
  const auto space = framer_.space();
  input_.async_read_some(
      boost::asio::buffer(space.data(), space.size()),
      [self = shared_from_this()](const boost::system::error_code& error, std::size_t bytes) {
        self->on_read(error, bytes);
      });
}

void LineStream::on_read(const boost::system::error_code& error, std::size_t bytes) {
  const auto owner = owner_.lock();  // keeps it alive through its own calls
  if (!owner || !input_.is_open()) return;
  framer_.filled(bytes);
  deliver(*owner);
  if (error && input_.is_open()) {
    end_input(*owner, error == boost::asio::error::eof ? boost::system::error_code() : error);
  }
  if (input_.is_open()) read();
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void LineStream::deliver(Owner& owner) {
  // The owner may stop the input in the middle.
  while (input_.is_open()) {
    const auto line = framer_.next();
    if (!line) return;
    give(owner, *line);
  }
}

void LineStream::give(Owner& owner, const LineFramer::Line& line) {
  try {
    if (line.oversized) {
      owner.oversized();
    } else {
      owner.line(line.text);
    }
  } catch (...) {
    // The lines behind it are delivered first; then the loop reports it.
    if (!failure_) failure_ = std::current_exception();
  }
}

void LineStream::end_input(Owner& owner, const boost::system::error_code& error) {
  // A last line without its newline: whether it is a whole message, the codec will say.
  if (const auto line = framer_.last()) give(owner, *line);
  if (!input_.is_open()) return;
  stop_input();
  owner.input_ended(error);
}

void LineStream::write() {
  if (!output_.is_open() || waiting_to_write_) return;
  for (int round = 0; round < writes_a_round; ++round) {
    if (!collect()) {
      if (ending_output_) close_output({});
      return;
    }
    std::array<iovec, messages_a_write> parts;
    const std::size_t count = std::min(parts.size(), writing_.size());
    for (std::size_t i = 0; i < count; ++i) {
      std::string& bytes = writing_[i];
      const std::size_t skip = i == 0 ? written_of_first_ : 0;
      parts[i] = {.iov_base = bytes.data() + skip, .iov_len = bytes.size() - skip};
    }
    const ssize_t result = ::writev(output_.native_handle(), parts.data(), static_cast<int>(count));
    if (result >= 0) {
      written(static_cast<std::size_t>(result));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      waiting_to_write_ = true;
      output_.async_wait(boost::asio::posix::stream_descriptor::wait_write,
                         [self = shared_from_this()](const boost::system::error_code& error) {
                           self->waiting_to_write_ = false;
                           if (!self->output_.is_open()) return;
                           if (error) {
                             self->close_output(error);
                           } else {
                             self->write();
                           }
                         });
      return;
    } else if (errno != EINTR) {
      close_output({errno, boost::system::system_category()});
      return;
    }
  }
  loop_.post([self = shared_from_this()] { self->write(); });
}

bool LineStream::collect() {
  std::lock_guard lock(mutex_);
  if (writing_.empty()) {
    writing_.swap(queue_);
  } else if (writing_.size() < messages_a_write) {
    std::move(queue_.begin(), queue_.end(), std::back_inserter(writing_));
    queue_.clear();
  }
  write_scheduled_ = !writing_.empty();
  return write_scheduled_;
}

void LineStream::written(std::size_t bytes) {
  bytes += written_of_first_;
  std::size_t freed = 0;
  while (!writing_.empty() && bytes >= writing_.front().size()) {
    bytes -= writing_.front().size();
    freed += memory_of(writing_.front());
    writing_.pop_front();
  }
  written_of_first_ = bytes;
  std::lock_guard lock(mutex_);
  queued_bytes_ -= freed;
}

void LineStream::close_output(const boost::system::error_code& error) {
  const auto owner = owner_.lock();
  boost::system::error_code ignored;
  output_.close(ignored);
  {
    std::lock_guard lock(mutex_);
    refusing_ = true;
    queue_.clear();
  }
  writing_.clear();
  if (owner) owner->output_ended(error);
}

}  // namespace mcp
