#pragma once

#include <string>
#include <vector>

#include <mcp/schema/schema.h>

namespace mcp::schema {

/// Something in a schema that is allowed and probably not meant.
struct LintRemark {
  std::string schema_path;  ///< JSON pointer to the keyword
  std::string message;
};

/// Looks at a schema that compiles: misspelled keywords, defaults and examples that the schema
/// itself refuses, required properties that can't be given, limits that leave nothing.
std::vector<LintRemark> lint(const Json& schema, const CompileOptions& options = {});

}  // namespace mcp::schema
