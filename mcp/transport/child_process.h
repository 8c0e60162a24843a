#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <mcp/base/runtime.h>
#include <mcp/transport/transport.h>

namespace mcp {

/// How a server is started as a child process, and how it is ended.
struct ChildProcessOptions {
  /// A path, or a name that is looked for in the PATH which the child gets.
  std::string command;
  std::vector<std::string> arguments = {};
  /// Set in the child's environment, on top of what it inherits.
  std::map<std::string, std::string> environment = {};
  /// False: the child sees only the variables it needs to run (HOME, LANG, LC_*, LOGNAME, PATH,
  /// SHELL, TERM, TMPDIR, TZ, USER), so that a key in this program's environment stays here.
  bool inherit_environment = false;
  /// Where the child starts; empty: where this program is.
  std::string working_directory = {};

  /// The longest line taken; a longer one is skipped and reported as oversized. More than a client
  /// takes as a message by default: whose answer is too long can be told from the whole line only.
  std::size_t max_line_bytes = std::size_t{32} << 20U;
  /// Memory of the messages that may wait for a slow child; past it `send` refuses.
  std::size_t max_queued_bytes = std::size_t{64} << 20U;
  /// After its stdin was closed the child may take this long to end; then it gets SIGTERM …
  Duration end_of_input_timeout = std::chrono::seconds(2);
  /// … and after this long SIGKILL. Both go to its whole process group.
  Duration terminate_timeout = std::chrono::seconds(2);

  /// Each line of the child's stderr, on the loop (longer ones in pieces of 4 KiB). stderr is read
  /// without it too; its last lines are told by `closed`.
  std::function<void(std::string_view)> on_stderr_line = {};
};

/// The client's side of the stdio transport: starts a server and talks to its stdin and stdout, one
/// message a line. The child leads a process group of its own, gets no descriptor but its three,
/// and is always reaped; no other child of this program is waited for.
///
/// `close` closes its stdin, waits, then SIGTERM, waits, then SIGKILL. `closed` comes when the
/// process has ended; its reason is empty after `close`, else it tells the exit status or signal
/// and the last lines of stderr. Destroying the transport kills the process group at once.
///
/// `runtime` must be one of make_runtime and outlive the transport. Throws std::system_error when
/// the process cannot be started: "cannot start 'foo': No such file or directory".
std::unique_ptr<Transport> make_child_process_transport(Runtime& runtime,
                                                        const ChildProcessOptions& options);

}  // namespace mcp
