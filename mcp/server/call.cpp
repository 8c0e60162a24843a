#include <mcp/server/call.h>

namespace mcp::server {

std::string Call::title() const {
  return subject.empty() ? method : method + " '" + subject + "'";
}

}  // namespace mcp::server
