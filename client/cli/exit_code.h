#pragma once

#include <client/agent/agent.h>

namespace fairlead::agent {

/// What the command's exit status means; the same numbers stand in docs/agent.md.
namespace exit_code {
inline constexpr int ok = 0;
inline constexpr int tool_error = 1;     ///< what was asked for from the shell answered one
inline constexpr int usage = 2;          ///< the command line
inline constexpr int model_error = 3;    ///< the gateway gave no answer, or refused the key
inline constexpr int turn_limit = 4;     ///< --max-turns
inline constexpr int time_limit = 5;     ///< --max-seconds
inline constexpr int server_failed = 6;  ///< an MCP server did not start, or went away
inline constexpr int configuration = 7;  ///< a file or variable is missing or wrong
inline constexpr int incomplete = 8;     ///< the answer was cut or withheld
inline constexpr int signalled = 128;    ///< plus the signal's number: the program was ended by one
inline constexpr int cancelled = 130;    ///< Ctrl-C
}  // namespace exit_code

inline int exit_code_of(End end) {
  switch (end) {
    case End::answered:
      return exit_code::ok;
    case End::incomplete:
      return exit_code::incomplete;
    case End::model_error:
      return exit_code::model_error;
    case End::turn_limit:
      return exit_code::turn_limit;
    case End::time_limit:
      return exit_code::time_limit;
    case End::server_failed:
      return exit_code::server_failed;
    case End::cancelled:
      break;
  }
  return exit_code::cancelled;
}

}  // namespace fairlead::agent
