#pragma once

#include <vector>

#include <mcp/protocol/roots.h>
#include <mcp/server/context.h>

namespace mcp {

// In a session (up to 2025-11-25) a client that tells of changes is asked for its roots once, by
// the first `Context::roots`, and again when it says that they have changed. In the stateless era
// every call that wants them asks: a round trip more.

/// Whether the call belongs to a session.
bool in_session(const CallContext& context);

/// The folders that the client named when it was last asked in this session, while they are known
/// to hold: also for handlers that can't ask, such as those of completion. Else null. Lives as long
/// as the call.
const std::vector<Root>* known_roots(const CallContext& context);

}  // namespace mcp
