#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include <mcp/protocol/capabilities.h>
#include <mcp/protocol/revision.h>

namespace mcp {

/// The identifier of the tasks extension (SEP-2663), in `extensions` of either side's capabilities.
inline constexpr const char* tasks_extension = "io.modelcontextprotocol/tasks";

enum class TaskStatus { working, input_required, completed, failed, cancelled };

std::string_view to_string(TaskStatus status) noexcept;
/// Whether the task has ended: its status never changes again.
constexpr bool is_terminal(TaskStatus status) {
  return status != TaskStatus::working && status != TaskStatus::input_required;
}

/// A call that goes on after it was answered, as its client sees it (2025-11-25, basic/utilities/
/// tasks; from 2026-07-28 on the tasks extension).
struct TaskState {
  std::string id;
  TaskStatus status = TaskStatus::working;
  std::string status_message = {};
  std::chrono::system_clock::time_point created_at = {};
  std::chrono::system_clock::time_point last_updated_at = {};
  std::chrono::milliseconds ttl = {};  ///< since `created_at`; the task is forgotten after it
  std::chrono::milliseconds poll_interval = {};
  Json input_requests = nullptr;  ///< by key, when input is required
  Json result = nullptr;          ///< of the call, when there is one
  Json error = nullptr;           ///< the JSON-RPC error, when there is one

  std::chrono::system_clock::time_point end() const { return created_at + ttl; }
};

/// Id, status and times, with the revision's names.
Json task_metadata(const TaskState& task, Revision revision);
/// What `tasks/get` answers: the metadata, and where `inlines_task_results` what belongs to the
/// status.
Json task_details(const TaskState& task, Revision revision);

/// Whether the client of these capabilities knows the tasks extension.
bool has_tasks_extension(const ClientCapabilities& capabilities);

}  // namespace mcp
