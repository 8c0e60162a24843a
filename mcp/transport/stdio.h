#pragma once

#include <cstddef>
#include <memory>

#include <mcp/base/runtime.h>
#include <mcp/transport/transport.h>

namespace mcp {

struct StdioOptions {
  /// The longest line taken; a longer one is skipped and reported as oversized.
  std::size_t max_line_bytes = std::size_t{16} << 20U;
  /// Memory of the messages that may wait for a slow reader; past it `send` refuses.
  std::size_t max_queued_bytes = std::size_t{64} << 20U;
  /// How long `close` waits for the reader to take what is queued.
  Duration close_timeout = std::chrono::seconds(2);
};

/// The server's side of the stdio transport (basic/transports, "stdio"): one message a line on
/// standard input and output, be they pipes, sockets, terminals or files.
///
/// It takes the two over for the rest of the process, once: file descriptor 1 points at stderr from
/// now on, so that a stray `printf` cannot damage the stream, and 0 at the empty file, so that
/// neither a tool nor a child it starts can take bytes away. What the client closes first is told
/// by `Handler::input_ended` (stdin) or `Handler::closed` (stdout, with a reason).
///
/// `runtime` must be one of make_runtime and outlive the transport. Throws std::system_error when
/// stdin or stdout is not open, std::logic_error when they have been taken before.
std::unique_ptr<Transport> make_stdio_transport(Runtime& runtime, const StdioOptions& options = {});

}  // namespace mcp
