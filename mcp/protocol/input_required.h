#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <mcp/protocol/elicitation.h>
#include <mcp/protocol/roots.h>
#include <mcp/protocol/sampling.h>

namespace mcp {

/// One thing that a server asks the client.
using InputRequest = std::variant<ElicitParams, CreateMessageParams, ListRootsParams>;
/// By the keys that the answers carry again.
using InputRequests = std::map<std::string, InputRequest>;
/// Answers by key, as they came: what was asked decides how one is read.
using InputResponses = std::map<std::string, Json>;

/// The answer "ask the client this first, then call again" (2026-07-28, basic/patterns/mrtr).
struct InputRequiredResult {
  InputRequests input_requests = {};
  std::optional<std::string> request_state = {};  ///< comes back byte for byte
  Json meta = nullptr;
};

/// What a repeated call carries in `params`.
struct InputResponseParams {
  InputResponses input_responses = {};
  std::optional<std::string> request_state = {};

  bool empty() const { return input_responses.empty() && !request_state; }
};

/// Whether the client may be asked while a request of this method is answered.
bool may_require_input(std::string_view method) noexcept;
/// `elicitation/create`, `sampling/createMessage` or `roots/list`.
std::string_view method_of(const InputRequest& request) noexcept;
/// The request's `params`.
Json to_json(const InputRequest& request, Revision revision);
Json to_json(const InputRequiredResult& result, Revision revision);
/// Writes `inputResponses` and `requestState` into a request's params.
void add_input_responses(Json& params, const InputResponseParams& responses);

/// Reads `{method, params}`.
template <>
InputRequest from_json<InputRequest>(const Json& value);
/// A result without questions and without state is malformed.
template <>
InputRequiredResult from_json<InputRequiredResult>(const Json& value);
/// Reads the two members out of a request's params; absent ones stay empty.
template <>
InputResponseParams from_json<InputResponseParams>(const Json& value);

}  // namespace mcp
