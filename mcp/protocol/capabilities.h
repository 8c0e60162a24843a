#pragma once

#include <optional>

#include <mcp/protocol/from_json.h>
#include <mcp/protocol/revision.h>

namespace mcp {

struct RootsCapability {
  bool list_changed = false;  ///< sends `notifications/roots/list_changed`
};

struct SamplingCapability {
  bool context = false;  ///< `includeContext` other than "none"
  bool tools = false;    ///< `tools` and `toolChoice`
};

/// On the wire `elicitation: {}` means form only.
struct ElicitationCapability {
  bool form = true;
  bool url = false;
};

/// What a client lets servers ask for. Absent means no.
struct ClientCapabilities {
  std::optional<RootsCapability> roots = {};
  std::optional<SamplingCapability> sampling = {};
  std::optional<ElicitationCapability> elicitation = {};
  Json tasks = nullptr;         ///< an object; only where `has_core_tasks`
  Json experimental = nullptr;  ///< name -> object
  Json extensions = nullptr;    ///< extension identifier -> settings object
};

/// A list that may be asked for.
struct ListCapability {
  bool list_changed = false;  ///< tells when the list has changed
};

struct ResourcesCapability {
  bool subscribe = false;     ///< tells when a resource has changed
  bool list_changed = false;  ///< tells when the list has changed
};

/// What a server offers. Absent means no.
struct ServerCapabilities {
  bool logging = false;
  bool completions = false;
  std::optional<ListCapability> prompts = {};
  std::optional<ResourcesCapability> resources = {};
  std::optional<ListCapability> tools = {};
  Json tasks = nullptr;         ///< an object; only where `has_core_tasks`
  Json experimental = nullptr;  ///< name -> object
  Json extensions = nullptr;    ///< extension identifier -> settings object
};

/// What a server may need of a client.
enum class ClientFeature { elicit_form, elicit_url, sampling, sampling_tools, roots };

bool can(const ClientCapabilities& capabilities, ClientFeature feature);
/// The capabilities object that names just this feature: `data.requiredCapabilities` of -32021.
Json required_capabilities(ClientFeature feature);
/// "the client can't show a form (elicitation.form)", for error texts.
std::string_view describe_missing(ClientFeature feature);

Json to_json(const ClientCapabilities& capabilities, Revision revision);
Json to_json(const ServerCapabilities& capabilities, Revision revision);

template <>
ClientCapabilities from_json<ClientCapabilities>(const Json& value);
template <>
ServerCapabilities from_json<ServerCapabilities>(const Json& value);

}  // namespace mcp
