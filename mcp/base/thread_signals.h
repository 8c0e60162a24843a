#pragma once

namespace mcp {

/// Writing to a pipe that nobody reads is an error to handle, not the end of the process: keeps
/// that signal from the calling thread, and from no other.
void block_broken_pipe_signal();

}  // namespace mcp
