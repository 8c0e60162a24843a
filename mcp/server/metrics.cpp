#include <mcp/server/metrics.h>

#include <algorithm>

namespace mcp::server {
namespace {

// No tool's name has parentheses: see tool_name_problem.
constexpr const char* other_tools = "(other)";
constexpr const char* unknown_tools = "(unknown)";

}  // namespace

void ToolMetrics::count(CallEnd end, Duration took) noexcept {
  const auto bucket =
      std::find_if(bounds.begin(), bounds.end(), [took](Duration bound) { return took <= bound; }) -
      bounds.begin();
  constexpr auto relaxed = std::memory_order_relaxed;
  ends_[static_cast<std::size_t>(end)].fetch_add(1, relaxed);
  buckets_[static_cast<std::size_t>(bucket)].fetch_add(1, relaxed);
  total_.fetch_add(std::chrono::nanoseconds(took).count(), relaxed);
}

ToolMetrics& Metrics::of_tool(const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (const auto found = tools_.find(name); found != tools_.end()) return found->second;
  return tools_[tools_.size() < max_tools ? name : other_tools];
}

std::map<std::string, const ToolMetrics*> Metrics::tools() const {
  std::map<std::string, const ToolMetrics*> all{{unknown_tools, &unknown_}};
  const std::lock_guard lock(mutex_);
  for (const auto& [name, tool] : tools_) all.emplace(name, &tool);
  return all;
}

}  // namespace mcp::server
