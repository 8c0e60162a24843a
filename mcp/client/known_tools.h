#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <mcp/protocol/header.h>
#include <mcp/protocol/tool.h>
#include <mcp/schema/schema.h>
#include <mcp/transport/http_headers.h>

namespace mcp::client {

/// What the last lists told about each tool: whether a call may be sent twice, and what its result
/// looks like (compiled once a list). On the loop.
class KnownTools {
 public:
  /// `max_bytes` is about the memory that names and output schemas hold.
  KnownTools(std::size_t max_tools, std::size_t max_bytes)
      : max_tools_(max_tools), max_bytes_(max_bytes) {}

  /// Reads a page of `tools/list`; what can't be read or is too much is left out.
  void remember(const Json& page);
  void clear();

  /// The tool says that a second call does no harm.
  bool repeatable(const std::string& name) const;
  /// Whether it may or must run as a task; forbidden when nothing is known.
  TaskSupport task_support(const std::string& name) const;
  /// The headers `Mcp-Param-*` of a `tools/call` with these params.
  HttpHeaders headers(const Json& params) const;
  /// Why `result` (of `tools/call`) does not fit the tool's output schema; empty when it does, or
  /// when the tool or its schema is not known.
  std::string output_problem(const std::string& name, const Json& result);

 private:
  struct Known {
    bool repeatable = false;
    TaskSupport task_support = TaskSupport::forbidden;
    Json output_schema;  ///< until it is compiled
    std::optional<schema::Schema> compiled;
    std::string problem;  ///< why it could not be compiled
    std::vector<HeaderParameter> headers;
    std::size_t bytes = 0;
  };
  const std::size_t max_tools_;
  const std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  std::map<std::string, Known> tools_;
};

/// Takes the tools whose `x-mcp-header` breaks the rules out of a page of `tools/list`, which calls
/// over HTTP must not use, and says why.
std::vector<std::string> leave_out_invalid_headers(Json& page);

}  // namespace mcp::client
