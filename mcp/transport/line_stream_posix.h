#pragma once

// Not for users: the bytes of stdio and of a child process's pipes, one message a line.

#include <cstddef>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/system/error_code.hpp>

#include <mcp/base/runtime.h>
#include <mcp/transport/descriptor_posix.h>
#include <mcp/transport/line_framer.h>

namespace mcp {

/// Reads lines from one descriptor and writes lines to another. Reading never waits for writing.
/// Works with pipes, sockets, terminals and, although they are never waited for, files.
/// `send` from any thread; everything else on the loop, except construction.
class LineStream : public std::enable_shared_from_this<LineStream> {
 public:
  /// Called on the loop.
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void line(std::string_view text) = 0;
    virtual void oversized() = 0;
    /// Nothing more comes in. Without an error: the orderly end of the file. Once.
    virtual void input_ended(const boost::system::error_code& error) = 0;
    /// Nothing more goes out, and the descriptor is closed. Without an error: after `end_output`
    /// and all that was queued. Once.
    virtual void output_ended(const boost::system::error_code& error) = 0;
  };

  /// The descriptors become non-blocking.
  LineStream(Loop& loop, Descriptor input, Descriptor output, std::size_t max_line_bytes,
             std::size_t max_queued_bytes);

  void start(std::weak_ptr<Owner> owner);
  bool send(std::string bytes);
  /// Writes what is queued, then closes the output. `send` refuses from now on.
  void end_output();
  /// No more lines; the input is closed.
  void stop_input();
  /// Closes both at once; the owner is not called again.
  void stop();

 private:
  void read();
  void on_read(const boost::system::error_code& error, std::size_t bytes);
  void deliver(Owner& owner);
  void give(Owner& owner, const LineFramer::Line& line);
  void end_input(Owner& owner, const boost::system::error_code& error);
  void write();
  /// Moves what was sent to `writing_`; false when there is nothing to write.
  bool collect();
  void written(std::size_t bytes);
  void close_output(const boost::system::error_code& error);

  Loop& loop_;
  const std::size_t max_queued_bytes_;

  std::mutex mutex_;
  std::deque<std::string> queue_;
  std::size_t queued_bytes_ = 0;  // in queue_ and in writing_
  bool write_scheduled_ = false;
  bool refusing_ = false;

  // Of the loop:
  std::weak_ptr<Owner> owner_;
  LineFramer framer_;
  std::deque<std::string> writing_;
  std::size_t written_of_first_ = 0;
  std::exception_ptr failure_;
  bool ending_output_ = false;
  bool waiting_to_write_ = false;
  boost::asio::posix::stream_descriptor input_;
  boost::asio::posix::stream_descriptor output_;
};

}  // namespace mcp
