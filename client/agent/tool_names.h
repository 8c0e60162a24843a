#pragma once

#include <map>
#include <string>
#include <vector>

#include <client/agent/toolbox.h>

namespace fairlead::agent {

/// The names under which tools are shown to a model. Vendors allow letters, digits, `_` and `-`, at
/// most 64; MCP allows more, and two servers may use the same name. A name depends on the set of
/// tools only, never on their order.
class ToolNames {
 public:
  explicit ToolNames(std::vector<Tool> tools);

  /// Sorted by name, so that the request's prefix stays the same from turn to turn.
  std::vector<ToolSchema> schemas() const;
  /// Null when the model invented the name.
  const Tool* find(const std::string& shown_name) const;
  /// The shown names, for messages.
  std::vector<std::string> names() const;

 private:
  std::map<std::string, Tool> tools_;  // by shown name
};

}  // namespace fairlead::agent
