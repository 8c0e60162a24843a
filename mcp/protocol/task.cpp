#include <mcp/protocol/task.h>

#include <cstdio>

#include <mcp/protocol/object_writer.h>

namespace mcp {
namespace {

/// `2026-01-31T23:59:59.123Z`
std::string iso_8601(std::chrono::system_clock::time_point time) {
  using namespace std::chrono;
  const auto midnight = floor<days>(time);
  const year_month_day date(midnight);
  const hh_mm_ss clock(floor<milliseconds>(time - midnight));
  char text[64];
  std::snprintf(
      text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return text;
}

}  // namespace

std::string_view to_string(TaskStatus status) noexcept {
  switch (status) {
    case TaskStatus::working:
      return "working";
    case TaskStatus::input_required:
      return "input_required";
    case TaskStatus::completed:
      return "completed";
    case TaskStatus::failed:
      return "failed";
    case TaskStatus::cancelled:
      break;
  }
  return "cancelled";
}

Json task_metadata(const TaskState& task, Revision revision) {
  const bool core = has_core_tasks(revision);
  return protocol::ObjectWriter()
      .set("taskId", task.id)
      .set("status", std::string(to_string(task.status)))
      .text("statusMessage", task.status_message)
      .set("createdAt", iso_8601(task.created_at))
      .set("lastUpdatedAt", iso_8601(task.last_updated_at))
      .set(core ? "ttl" : "ttlMs", task.ttl.count())
      .set(core ? "pollInterval" : "pollIntervalMs", task.poll_interval.count())
      .take();
}

Json task_details(const TaskState& task, Revision revision) {
  Json details = task_metadata(task, revision);
  if (!inlines_task_results(revision)) return details;
  if (task.status == TaskStatus::input_required) details["inputRequests"] = task.input_requests;
  if (task.status == TaskStatus::completed) details["result"] = task.result;
  if (task.status == TaskStatus::failed) details["error"] = task.error;
  return details;
}

bool has_tasks_extension(const ClientCapabilities& capabilities) {
  return capabilities.extensions.is_object() && capabilities.extensions.contains(tasks_extension);
}

}  // namespace mcp
