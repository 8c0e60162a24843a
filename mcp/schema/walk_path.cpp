#include <mcp/schema/walk_path.h>

#include <vector>

#include <mcp/base/json_pointer.h>

namespace mcp::schema {

std::size_t length(const Step* last) {
  std::size_t bytes = 0;
  for (; last != nullptr; last = last->before)
    bytes += 1 + (last->is_index ? 8 : last->name.size());
  return bytes;
}

std::string to_pointer(const Step* last) {
  std::vector<const Step*> steps;
  for (; last != nullptr; last = last->before) steps.push_back(last);
  std::string pointer;
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    if ((*step)->is_index)
      append_json_pointer(pointer, (*step)->index);
    else
      append_json_pointer(pointer, (*step)->name);
  }
  return pointer;
}

}  // namespace mcp::schema
