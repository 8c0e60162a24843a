#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <mcp/base/runtime.h>
#include <mcp/transport/child_process.h>
#include <mcp/transport/transport.h>

namespace mcp {

/// Where a server is found.
class Target {
 public:
  /// Opens a pipe to the server; stderr lines (where the kind of pipe has them) go to `on_stderr`,
  /// on the loop. Called on the loop. Throws std::exception when there is nothing to open.
  using Opener = std::function<std::unique_ptr<Transport>(
      Runtime& runtime, std::function<void(std::string_view)> on_stderr)>;

  /// A pipe that is open already. It can't be opened again: when it ends, so does the client.
  Target(std::unique_ptr<Transport> transport);  // NOLINT: a transport is a target
  /// Anything that can be opened several times. `key` names it in `EraVerdicts`.
  Target(std::string key, Opener opener);
  /// A program that speaks over its stdin and stdout. The runtime must be one of `make_runtime`.
  Target(ChildProcessOptions program);  // NOLINT: a program is a target
  /// The same from a command line of the program and its arguments. It sees only the environment
  /// that programs need to run (`ChildProcessOptions::inherit_environment`).
  static Target command(std::vector<std::string> command_line);

  const std::string& key() const { return key_; }
  bool reopens() const { return opener_ != nullptr; }
  /// Null when it was opened before and does not reopen.
  std::unique_ptr<Transport> open(Runtime& runtime,
                                  std::function<void(std::string_view)> on_stderr);

 private:
  std::string key_;
  Opener opener_;
  std::unique_ptr<Transport> transport_;
};

}  // namespace mcp
