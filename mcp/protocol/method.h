#pragma once

/// The names of the protocol's requests and notifications.
namespace mcp::method {

inline constexpr const char* initialize = "initialize";
inline constexpr const char* ping = "ping";
inline constexpr const char* discover = "server/discover";
inline constexpr const char* tools_list = "tools/list";
inline constexpr const char* tools_call = "tools/call";
inline constexpr const char* resources_list = "resources/list";
inline constexpr const char* resources_templates_list = "resources/templates/list";
inline constexpr const char* resources_read = "resources/read";
inline constexpr const char* resources_subscribe = "resources/subscribe";
inline constexpr const char* resources_unsubscribe = "resources/unsubscribe";
inline constexpr const char* resources_directory_read = "resources/directory/read";
inline constexpr const char* skills_list = "skills/list";
inline constexpr const char* skills_get = "skills/get";
inline constexpr const char* prompts_list = "prompts/list";
inline constexpr const char* prompts_get = "prompts/get";
inline constexpr const char* completion_complete = "completion/complete";
inline constexpr const char* logging_set_level = "logging/setLevel";
inline constexpr const char* subscriptions_listen = "subscriptions/listen";
inline constexpr const char* tasks_get = "tasks/get";
inline constexpr const char* tasks_result = "tasks/result";
inline constexpr const char* tasks_update = "tasks/update";
inline constexpr const char* tasks_cancel = "tasks/cancel";
inline constexpr const char* tasks_list = "tasks/list";
inline constexpr const char* sampling_create_message = "sampling/createMessage";
inline constexpr const char* elicitation_create = "elicitation/create";
inline constexpr const char* roots_list = "roots/list";

inline constexpr const char* initialized = "notifications/initialized";
inline constexpr const char* cancelled = "notifications/cancelled";
inline constexpr const char* progress = "notifications/progress";
inline constexpr const char* message = "notifications/message";
inline constexpr const char* tools_list_changed = "notifications/tools/list_changed";
inline constexpr const char* prompts_list_changed = "notifications/prompts/list_changed";
inline constexpr const char* resources_list_changed = "notifications/resources/list_changed";
inline constexpr const char* resources_updated = "notifications/resources/updated";
inline constexpr const char* roots_list_changed = "notifications/roots/list_changed";
inline constexpr const char* subscriptions_acknowledged =
    "notifications/subscriptions/acknowledged";
inline constexpr const char* elicitation_complete = "notifications/elicitation/complete";
inline constexpr const char* tasks_status = "notifications/tasks/status";
inline constexpr const char* tasks_notification = "notifications/tasks";

}  // namespace mcp::method
