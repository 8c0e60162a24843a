#pragma once

#include <array>
#include <optional>
#include <string_view>

#include <mcp/base/error.h>

// The only room that knows revision dates. Everyone else asks by feature, never by comparing
// revisions: the functions below are the table "feature x revision", and the conversions of the
// other protocol headers (`to_json(value, revision)`) apply it: what a revision lacks is dropped,
// or converted where the reader would lose something.

namespace mcp {

/// The published revisions of the protocol, oldest first.
enum class Revision { v2024_11_05, v2025_03_26, v2025_06_18, v2025_11_25, v2026_07_28 };

/// *session*: `initialize` first, the server may send requests. *stateless*: every request carries
/// its own `_meta`, the server asks by answering "input required".
enum class Era { session, stateless };

/// Every revision, oldest first.
inline constexpr std::array all_revisions = {Revision::v2024_11_05, Revision::v2025_03_26,
                                             Revision::v2025_06_18, Revision::v2025_11_25,
                                             Revision::v2026_07_28};
inline constexpr Revision latest_revision = Revision::v2026_07_28;
/// The newest that `initialize` negotiates.
inline constexpr Revision latest_session_revision = Revision::v2025_11_25;

/// The date on the wire, such as `2025-11-25`. Lives forever.
std::string_view to_string(Revision revision) noexcept;
/// The revision of this date; nothing for any other text.
std::optional<Revision> parse_revision(std::string_view date) noexcept;
constexpr Era era(Revision r) {
  return r >= Revision::v2026_07_28 ? Era::stateless : Era::session;
}

/// What a server answers to an `initialize` that asks for `requested`: the same when it is of the
/// session era, else the newest of that era.
Revision negotiate_session(std::string_view requested) noexcept;
/// What a client takes out of `supportedVersions` (or `data.supported` of -32022): the newest
/// stateless revision that both know; nothing when there is none.
template <class Strings>
std::optional<Revision> newest_stateless(const Strings& supported) {
  std::optional<Revision> best;
  for (const auto& date : supported) {
    auto known = parse_revision(date);
    if (known && era(*known) == Era::stateless && (!best || *known > *best)) best = known;
  }
  return best;
}

// --- How messages travel ---

constexpr bool allows_batch(Revision r) {
  return r == Revision::v2025_03_26;
}
/// A stream starts with an event that has an id and no data, and the server may close it early.
constexpr bool primes_streams(Revision r) {
  return r == Revision::v2025_11_25;
}
/// An error response to a request whose id could not be read has no `id` (before: `id: null`).
/// When no revision is known yet, ask with `latest_revision`.
constexpr bool omits_unreadable_id(Revision r) {
  return r >= Revision::v2025_11_25;
}
/// Requests over HTTP carry `MCP-Protocol-Version`.
constexpr bool has_version_header(Revision r) {
  return r >= Revision::v2025_06_18;
}
/// Requests over HTTP carry `Mcp-Method`, `Mcp-Name` and `Mcp-Param-*`.
constexpr bool has_routing_headers(Revision r) {
  return r >= Revision::v2026_07_28;
}
/// Progress notifications may carry a `message`.
constexpr bool has_progress_message(Revision r) {
  return r >= Revision::v2025_03_26;
}

// --- Results ---

/// Every result carries `resultType`.
constexpr bool requires_result_type(Revision r) {
  return r >= Revision::v2026_07_28;
}
/// Lists, reads and discovery carry `ttlMs` and `cacheScope`.
constexpr bool has_cache_hints(Revision r) {
  return r >= Revision::v2026_07_28;
}
/// The server asks the client by a result (else by a request).
constexpr bool uses_input_required(Revision r) {
  return r >= Revision::v2026_07_28;
}
/// Results name the server in `_meta`.
constexpr bool has_server_info_meta(Revision r) {
  return r >= Revision::v2026_07_28;
}
constexpr int resource_not_found_code(Revision r) {
  return r >= Revision::v2026_07_28 ? error_code::invalid_params : error_code::resource_not_found;
}
/// The error -32042 (only sent on request).
constexpr bool has_url_elicitation_error(Revision r) {
  return r == Revision::v2025_11_25;
}

// --- Content, tools, prompts, resources ---

constexpr bool has_audio(Revision r) {
  return r >= Revision::v2025_03_26;
}
constexpr bool has_tool_annotations(Revision r) {
  return r >= Revision::v2025_03_26;
}
constexpr bool has_resource_link(Revision r) {
  return r >= Revision::v2025_06_18;
}
/// `structuredContent` of results and `outputSchema` of tools.
constexpr bool has_structured_content(Revision r) {
  return r >= Revision::v2025_06_18;
}
/// Structured content and its schema must be objects: others travel as `{"value": ...}`.
constexpr bool object_only_structured_content(Revision r) {
  return has_structured_content(r) && r <= Revision::v2025_11_25;
}
/// `title` beside `name`.
constexpr bool has_title(Revision r) {
  return r >= Revision::v2025_06_18;
}
/// `_meta` on tools, resources, prompts and content (on requests and results it is in all).
constexpr bool has_item_meta(Revision r) {
  return r >= Revision::v2025_06_18;
}
/// `lastModified` of annotations.
constexpr bool has_last_modified(Revision r) {
  return r >= Revision::v2025_06_18;
}
/// `icons` everywhere; `description` and `websiteUrl` of implementations.
constexpr bool has_icons(Revision r) {
  return r >= Revision::v2025_11_25;
}
/// `execution` of tools, and with it the tasks of the core protocol.
constexpr bool has_execution(Revision r) {
  return r == Revision::v2025_11_25;
}
constexpr bool has_core_tasks(Revision r) {
  return has_execution(r);
}
/// Tasks are the extension's: `tasks/get` holds results and questions, the client does not opt in.
constexpr bool inlines_task_results(Revision r) {
  return r >= Revision::v2026_07_28;
}
/// The capability `completions`. The request `completion/complete` itself is in every revision.
constexpr bool has_completions(Revision r) {
  return r >= Revision::v2025_03_26;
}
/// `context` of a completion request.
constexpr bool has_completion_context(Revision r) {
  return r >= Revision::v2025_06_18;
}
/// The capability `extensions`.
constexpr bool has_extensions(Revision r) {
  return r >= Revision::v2026_07_28;
}

// --- Asking the client ---

constexpr bool has_elicitation(Revision r) {
  return r >= Revision::v2025_06_18;
}
constexpr bool has_elicitation_url(Revision r) {
  return r >= Revision::v2025_11_25;
}
/// `elicitationId` and `notifications/elicitation/complete`.
constexpr bool has_elicitation_id(Revision r) {
  return r == Revision::v2025_11_25;
}
/// Choices of several values, titled choices by `oneOf`, defaults for text, numbers and choices.
constexpr bool has_multi_select(Revision r) {
  return r >= Revision::v2025_11_25;
}
/// `tools`, `toolChoice`, tool content and several content blocks in one sampling message.
constexpr bool has_sampling_tools(Revision r) {
  return r >= Revision::v2025_11_25;
}
/// `notifications/roots/list_changed` and the capability for it.
constexpr bool has_roots_list_changed(Revision r) {
  return r <= Revision::v2025_11_25;
}

// --- Methods that came and went ---

/// `ping`, `logging/setLevel`, `resources/subscribe` and `resources/unsubscribe`.
constexpr bool has_session_methods(Revision r) {
  return r <= Revision::v2025_11_25;
}
/// `server/discover` and `subscriptions/listen`; the log level travels in each request.
constexpr bool has_stateless_methods(Revision r) {
  return r >= Revision::v2026_07_28;
}

}  // namespace mcp
