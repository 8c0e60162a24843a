#pragma once

#include <map>
#include <optional>
#include <string>

#include <mcp/protocol/tool.h>
#include <mcp/schema/schema.h>

namespace mcp::client {

/// What the last lists told about each tool: whether a call may be sent twice, and what its result
/// looks like (compiled once a list). On the loop.
class KnownTools {
 public:
  /// Reads a page of `tools/list`; what can't be read is left out.
  void remember(const Json& page);
  void clear() { tools_.clear(); }

  /// The tool says that a second call does no harm.
  bool repeatable(const std::string& name) const;
  /// Why `result` (of `tools/call`) does not fit the tool's output schema; empty when it does, or
  /// when the tool or its schema is not known.
  std::string output_problem(const std::string& name, const Json& result);

 private:
  struct Known {
    bool repeatable = false;
    Json output_schema;  ///< until it is compiled
    std::optional<schema::Schema> compiled;
    std::string problem;  ///< why it could not be compiled
  };
  std::map<std::string, Known> tools_;
};

}  // namespace mcp::client
