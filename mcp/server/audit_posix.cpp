#include <mcp/server/audit.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

#include <mcp/base/canonical_json.h>
#include <mcp/base/digest.h>
#include <mcp/base/timestamp.h>
#include <mcp/base/utf8.h>
#include <mcp/server/core.h>
#include <mcp/server/server.h>

namespace mcp {
namespace {

constexpr std::size_t max_tool_bytes = 200;  // longer than any: no such tool exists

}  // namespace

AuditLog::AuditLog(const std::string& path)
    // Without O_NONBLOCK opening a pipe that nobody reads would never end.
    : descriptor_(::open(path.c_str(),
                         O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600)) {
  if (descriptor_ < 0)
    throw std::runtime_error("the audit log " + path + " can't be opened: " + std::strerror(errno));
  struct stat status {};
  if (::fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode)) return;
  ::close(descriptor_);
  throw std::runtime_error("the audit log " + path + " is no regular file");
}

AuditLog::~AuditLog() {
  ::close(descriptor_);
}

bool AuditLog::record(const ToolCallRecord& record) {
  using Milliseconds = std::chrono::duration<double, std::milli>;
  nlohmann::ordered_json line = {{"time", to_timestamp(record.time)},
                                 {"tool", truncate_utf8(record.tool, max_tool_bytes)},
                                 {"arguments", record.arguments_digest},
                                 {"outcome", record.outcome},
                                 {"durationMs", Milliseconds(record.duration).count()},
                                 {"principal", nullptr}};
  if (!record.principal.empty()) line["principal"] = record.principal;
  if (!record.caller.empty() && record.caller != record.principal) line["caller"] = record.caller;
  const std::string text =
      line.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  ssize_t written = 0;
  do {
    written = ::write(descriptor_, text.data(), text.size());
  } while (written < 0 && errno == EINTR);
  return written == static_cast<ssize_t>(text.size());
}

void set_audit_log(Server& server, std::shared_ptr<AuditLog> log) {
  server.core()->audit = std::move(log);
}

std::string server::arguments_digest(const Json& params) {
  const auto arguments = params.is_object() ? params.find("arguments") : params.end();
  if (arguments == params.end() || arguments->is_null()) return sha256_hex("{}");
  return sha256_hex(canonical_json(*arguments));
}

}  // namespace mcp
