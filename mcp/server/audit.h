#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <mcp/base/json.h>
#include <mcp/base/runtime.h>

namespace mcp {

class Server;

/// What became of one tool call, or of one run of it when it asked the client meanwhile.
struct ToolCallRecord {
  std::chrono::system_clock::time_point time = {};  ///< when it began
  std::string tool = {};                            ///< as the client named it
  std::string arguments_digest = {};  ///< SHA-256 of their canonical JSON (RFC 8785), hexadecimal
  /// `ok`; `failed`: a result with `isError`; `asked`: the client was asked something first;
  /// `cancelled`; `rate_limited`; `error CODE`: a JSON-RPC error.
  std::string outcome = {};
  Duration duration = {};
  std::string principal = {};  ///< as the transport authenticated it; may be empty
  std::string caller = {};     ///< over HTTP the address when there is no principal
};

/// Writes records as JSON lines, to keep: who called which tool, with what and what came of it.
/// Arguments and results are never written, a digest tells whether two calls had the same. Every
/// line is one `write` at the file's end, so that several processes may share a file and a reader
/// never meets half a line of one that is alive. Thread-safe.
///
///     {"time":"2026-11-23T08:15:00.123Z","tool":"write_file","arguments":"9f86…","outcome":"ok",
///      "durationMs":1.25,"principal":"alice"}
class AuditLog {
 public:
  /// Opens the file, made with mode 0600 when it is missing. Throws std::runtime_error when it
  /// can't be, or is no regular file: another could block every call.
  explicit AuditLog(const std::string& path);
  ~AuditLog();
  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;

  /// False when it could not be written as a whole: the disk is full, say.
  bool record(const ToolCallRecord& record);

 private:
  int descriptor_;
};

/// Records every tool call of `server`; before its first connection. A line that can't be written
/// is told in the log, the call goes on. Programs with `mcp::serve` have it as `--audit FILE`.
void set_audit_log(Server& server, std::shared_ptr<AuditLog> log);

namespace server {
/// Of the arguments in a call's params; of none, that of the empty object.
std::string arguments_digest(const Json& params);
}  // namespace server

}  // namespace mcp
