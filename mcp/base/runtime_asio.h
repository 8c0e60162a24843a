#pragma once

// Not for users: this header reaches Asio. For the files of transport/ that talk to the operating
// system, and only for them.

#include <boost/asio/io_context.hpp>

#include <mcp/base/runtime.h>

namespace mcp {

/// The io_context behind the loop of `make_runtime`; its handlers run on the loop's thread and may
/// let no exception out. Throws std::invalid_argument for any other loop.
boost::asio::io_context& io_context_of(Loop& loop);

}  // namespace mcp
