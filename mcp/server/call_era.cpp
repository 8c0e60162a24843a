#include <mcp/server/call_era.h>

namespace mcp::server {

const CallEra& call_era(const Call& call) {
  return era(call.revision()) == Era::stateless ? stateless_calls() : session_calls();
}

}  // namespace mcp::server
