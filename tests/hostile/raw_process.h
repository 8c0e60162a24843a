#pragma once

#include <string>
#include <vector>

#include <mcp/base/json.h>

/// A server process seen as a hostile peer sees it: bytes in, lines out, nothing checked.
class RawProcess {
 public:
  explicit RawProcess(std::vector<std::string> command);
  ~RawProcess();
  RawProcess(const RawProcess&) = delete;
  RawProcess& operator=(const RawProcess&) = delete;

  /// Writes all bytes; false when the other side no longer reads.
  bool write(const std::string& bytes) const;
  /// The next line that is a JSON-RPC message; throws when the process closes its output, when a
  /// line is no JSON, or after 30 seconds.
  mcp::Json read();
  void close_input();
  void close_output();
  /// Waits (30 seconds at most) for the end of the process: its exit code, or 128 + signal.
  int wait();
  /// Resident memory in kilobytes.
  long resident_kilobytes() const;

 private:
  int pid_ = 0;
  int input_ = -1;
  int output_ = -1;
  std::string buffer_;
  std::size_t searched_ = 0;
};
