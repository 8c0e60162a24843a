#include <mcp/client/target.h>

#include <utility>

namespace mcp {

Target::Target(std::unique_ptr<Transport> transport) : transport_(std::move(transport)) {}

Target::Target(std::string key, Opener opener) : key_(std::move(key)), opener_(std::move(opener)) {}

std::unique_ptr<Transport> Target::open(Loop& loop,
                                        std::function<void(std::string_view)> on_stderr) {
  if (opener_) return opener_(loop, std::move(on_stderr));
  return std::move(transport_);
}

}  // namespace mcp
