#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace fairlead::agent {

/// Whether a person types there, and sees what is written there.
bool stdin_is_terminal();
bool stdout_is_terminal();

/// True when a read of stdin would not wait, be it for its end; waits for that at most `patience`.
bool stdin_is_ready(std::chrono::milliseconds patience);

struct StdinRead {
  std::string bytes;  ///< empty at the end of the input, and when a signal interrupted the wait
  bool interrupted = false;
};
/// Waits for input and takes at most `max_bytes` of it.
StdinRead read_stdin(std::size_t max_bytes);

}  // namespace fairlead::agent
