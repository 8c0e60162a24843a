#include <mcp/protocol/task.h>

#include <mcp/base/timestamp.h>
#include <mcp/protocol/object_writer.h>

namespace mcp {

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
      .set("createdAt", to_timestamp(task.created_at))
      .set("lastUpdatedAt", to_timestamp(task.last_updated_at))
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
