#pragma once

#include <optional>
#include <string>
#include <vector>

#include <mcp/protocol/from_json.h>
#include <mcp/protocol/revision.h>

namespace mcp {

/// `notifications/progress`.
struct ProgressParams {
  Json progress_token;  ///< string or integer, as the request carried it
  double progress = 0;  ///< must grow from one to the next
  std::optional<double> total = {};
  std::string message = {};  ///< only where `has_progress_message`
  Json meta = nullptr;
};

/// `notifications/cancelled`.
struct CancelledParams {
  Json request_id;  ///< string or integer; null only for tasks
  std::string reason = {};
  Json meta = nullptr;
};

/// `notifications/resources/updated`.
struct ResourceUpdatedParams {
  std::string uri;
  Json meta = nullptr;
};

/// `notifications/elicitation/complete`.
struct ElicitationCompleteParams {
  std::string elicitation_id;
};

/// What a listener wants to hear (2026-07-28, `subscriptions/listen`), and what it will.
struct SubscriptionFilter {
  bool tools_list_changed = false;
  bool prompts_list_changed = false;
  bool resources_list_changed = false;
  std::vector<std::string> resource_subscriptions = {};  ///< URIs
  std::vector<std::string> task_ids = {};                ///< tasks extension

  friend bool operator==(const SubscriptionFilter&, const SubscriptionFilter&) = default;
};

/// The params of `subscriptions/listen` and of `notifications/subscriptions/acknowledged`.
struct SubscriptionParams {
  SubscriptionFilter notifications;
  Json meta = nullptr;
};

Json to_json(const ProgressParams& params, Revision revision);
Json to_json(const CancelledParams& params, Revision revision);
Json to_json(const ResourceUpdatedParams& params, Revision revision);
Json to_json(const ElicitationCompleteParams& params, Revision revision);
Json to_json(const SubscriptionFilter& filter, Revision revision);
Json to_json(const SubscriptionParams& params, Revision revision);

template <>
ProgressParams from_json<ProgressParams>(const Json& value);
template <>
CancelledParams from_json<CancelledParams>(const Json& value);
template <>
ResourceUpdatedParams from_json<ResourceUpdatedParams>(const Json& value);
template <>
ElicitationCompleteParams from_json<ElicitationCompleteParams>(const Json& value);
template <>
SubscriptionFilter from_json<SubscriptionFilter>(const Json& value);
template <>
SubscriptionParams from_json<SubscriptionParams>(const Json& value);

}  // namespace mcp
