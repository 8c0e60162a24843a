#include <mcp/protocol/notification.h>

#include <mcp/protocol/object_reader.h>
#include <mcp/protocol/object_writer.h>

namespace mcp {

using protocol::ObjectReader;
using protocol::ObjectWriter;

Json to_json(const ProgressParams& params, Revision revision) {
  ObjectWriter out;
  out.set("progressToken", params.progress_token)
      .set("progress", params.progress)
      .optional("total", params.total)
      .meta(params.meta);
  if (has_progress_message(revision)) out.text("message", params.message);
  return out.take();
}

Json to_json(const CancelledParams& params, Revision) {
  return ObjectWriter()
      .object("requestId", params.request_id)
      .text("reason", params.reason)
      .meta(params.meta)
      .take();
}

Json to_json(const ResourceUpdatedParams& params, Revision) {
  return ObjectWriter().set("uri", params.uri).meta(params.meta).take();
}

Json to_json(const ElicitationCompleteParams& params, Revision) {
  return ObjectWriter().set("elicitationId", params.elicitation_id).take();
}

Json to_json(const SubscriptionFilter& filter, Revision) {
  return ObjectWriter()
      .flag("toolsListChanged", filter.tools_list_changed)
      .flag("promptsListChanged", filter.prompts_list_changed)
      .flag("resourcesListChanged", filter.resources_list_changed)
      .optional_texts("resourceSubscriptions", filter.resource_subscriptions)
      .optional_texts("taskIds", filter.task_ids)
      .take();
}

Json to_json(const SubscriptionParams& params, Revision revision) {
  return ObjectWriter()
      .set("notifications", to_json(params.notifications, revision))
      .meta(params.meta)
      .take();
}

template <>
ProgressParams from_json<ProgressParams>(const Json& value) {
  ObjectReader in(value);
  return {.progress_token = protocol::at(
              "progressToken", [&] { return protocol::read_token(in.required("progressToken")); }),
          .progress = in.get<double>("progress"),
          .total = in.optional<double>("total"),
          .message = in.get_or<std::string>("message", {}),
          .meta = in.meta()};
}

template <>
CancelledParams from_json<CancelledParams>(const Json& value) {
  ObjectReader in(value);
  CancelledParams params{
      .request_id = nullptr, .reason = in.get_or<std::string>("reason", {}), .meta = in.meta()};
  if (const Json* id = in.find("requestId")) {
    params.request_id = protocol::at("requestId", [&] { return protocol::read_token(*id); });
  }
  return params;
}

template <>
ResourceUpdatedParams from_json<ResourceUpdatedParams>(const Json& value) {
  ObjectReader in(value);
  return {.uri = in.get<std::string>("uri"), .meta = in.meta()};
}

template <>
ElicitationCompleteParams from_json<ElicitationCompleteParams>(const Json& value) {
  return {.elicitation_id = ObjectReader(value).get<std::string>("elicitationId")};
}

template <>
SubscriptionFilter from_json<SubscriptionFilter>(const Json& value) {
  ObjectReader in(value);
  return {.tools_list_changed = in.get_or<bool>("toolsListChanged", false),
          .prompts_list_changed = in.get_or<bool>("promptsListChanged", false),
          .resources_list_changed = in.get_or<bool>("resourcesListChanged", false),
          .resource_subscriptions = in.optional_list<std::string>("resourceSubscriptions"),
          .task_ids = in.optional_list<std::string>("taskIds")};
}

template <>
SubscriptionParams from_json<SubscriptionParams>(const Json& value) {
  ObjectReader in(value);
  return {.notifications = in.get<SubscriptionFilter>("notifications"), .meta = in.meta()};
}

}  // namespace mcp
