#include <mcp/base/finite.h>

#include <cmath>
#include <utility>
#include <vector>

#include <mcp/base/json_pointer.h>

namespace mcp {

std::optional<std::string> find_not_finite(const Json& value) {
  // What is being looked through, outermost first: none of it recurses.
  struct Open {
    const Json* container;
    Json::const_iterator next;
  };
  const auto is_wrong = [](const Json& one) {
    return one.is_number_float() && !std::isfinite(one.get<double>());
  };
  if (is_wrong(value)) return std::string();
  std::vector<Open> open;
  if (value.is_structured()) open.push_back({&value, value.begin()});
  while (!open.empty()) {
    const auto& [container, next] = open.back();
    if (next == container->end()) {
      open.pop_back();
      if (!open.empty()) ++open.back().next;
    } else if (is_wrong(*next)) {
      std::string pointer;
      for (const Open& step : open) {
        if (step.container->is_object()) {
          append_json_pointer(pointer, step.next.key());
        } else {
          append_json_pointer(pointer,
                              static_cast<std::size_t>(step.next - step.container->begin()));
        }
      }
      return pointer;
    } else if (next->is_structured() && !next->empty()) {
      open.push_back({&*next, next->begin()});
    } else {
      ++open.back().next;
    }
  }
  return std::nullopt;
}

}  // namespace mcp
