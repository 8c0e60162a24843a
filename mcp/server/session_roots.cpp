#include <mcp/server/session_roots.h>

#include <mcp/server/run.h>

namespace mcp {

bool in_session(const CallContext& context) {
  return era(server::run_of(context).call().revision()) == Era::session;
}

const std::vector<Root>* known_roots(const CallContext& context) {
  return server::run_of(context).call().caller.roots.get();
}

}  // namespace mcp
