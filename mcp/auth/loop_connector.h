#pragma once

#include <mcp/auth/connector.h>
#include <mcp/base/runtime.h>

namespace mcp::auth {

/// Calls over connections of the runtime's loop, one for each, which end with their call. So a
/// server that verifies tokens carries the SDK's own HTTP engine and no second one: loading
/// cpp-httplib takes a millisecond of every start.
///
/// What it gives blocks: any thread but the loop's. `runtime` must be one of make_runtime and
/// outlive the calls. `HttpOptions::resolve` is not asked.
Connector make_loop_connector(Runtime& runtime);

}  // namespace mcp::auth
