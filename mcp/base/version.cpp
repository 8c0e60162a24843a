#include <mcp/base/version.h>

namespace mcp {

const char* version() noexcept {
  return FAIRLEAD_VERSION;
}

}  // namespace mcp
