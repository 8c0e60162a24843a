#include <mcp/schema/run.h>

namespace mcp::schema {

// Out of line: every step of a validation has a branch to it, which is never taken.
bool Run::give_up(const char* limit) {
  work = 0;
  if (exhausted == nullptr) exhausted = limit;
  return false;
}

}  // namespace mcp::schema
