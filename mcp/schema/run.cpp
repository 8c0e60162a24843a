#include <mcp/schema/run.h>

#include <algorithm>

namespace mcp::schema {

// Out of line: every step of a validation has a branch to it, which is never taken.
const Node& Run::target_of(const DynamicReference& reference) {
  const Node* target = reference.fallback;
  if (reference.anchor == 0) return *target;
  for (const Scope* at = scope; at != nullptr && spend(1); at = at->outer) {
    const auto& anchors = program.resources[at->resource].dynamic_anchors;
    const auto found = std::lower_bound(
        anchors.begin(), anchors.end(), reference.anchor,
        [](const auto& known, std::uint32_t wanted) { return known.first < wanted; });
    if (found != anchors.end() && found->first == reference.anchor)
      target = found->second;  // the outermost wins
  }
  return *target;
}

bool Run::give_up(const char* limit) {
  work = 0;
  if (exhausted == nullptr) exhausted = limit;
  return false;
}

}  // namespace mcp::schema
