#include <client/model/foreign_text.h>
#include <mcp/base/utf8.h>

namespace fairlead::agent {

std::string shortened(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return std::string(text);
  const std::string_view kept = mcp::truncate_utf8(text, max_bytes);
  return std::string(kept) + "… [" + std::to_string(text.size() - kept.size()) + " more bytes]";
}

}  // namespace fairlead::agent
