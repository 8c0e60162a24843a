#include <mcp/client/client_options.h>

namespace mcp {

std::optional<Era> EraVerdicts::find(const std::string& target) const {
  std::lock_guard lock(mutex_);
  auto found = verdicts_.find(target);
  if (found == verdicts_.end()) return std::nullopt;
  return found->second;
}

void EraVerdicts::keep(const std::string& target, Era era) {
  std::lock_guard lock(mutex_);
  verdicts_[target] = era;
}

void EraVerdicts::forget(const std::string& target) {
  std::lock_guard lock(mutex_);
  verdicts_.erase(target);
}

}  // namespace mcp
