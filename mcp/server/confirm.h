#pragma once

#include <optional>
#include <string>

#include <mcp/server/context.h>

namespace mcp {

/// Before a tool does what can't be undone: asks the user, who is shown `preview`. A client with
/// forms shows one. Any other gets the text that this returns, as its result, and may call again
/// with the argument `confirm_token` (see `add_confirm_token`) that the text names: it holds for
/// the same arguments, caller and preview, once, for `ServerOptions::state_lifetime`. Either way
/// somebody is asked again when the preview has changed since. On the handler's own thread, once in
/// a run; throws Suspended as every question does.
///
/// Nothing: confirmed. Else what to tell the model instead of doing it.
[[nodiscard]] std::optional<std::string> unless_confirmed(Context& context,
                                                          const std::string& preview);

/// Adds the optional argument `confirm_token` to a tool's input schema.
void add_confirm_token(Json& input_schema);

}  // namespace mcp
