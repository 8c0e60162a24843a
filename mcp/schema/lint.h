#pragma once

#include <string>
#include <vector>

#include <mcp/schema/schema.h>

namespace mcp::schema {

/// Something in a schema that is wrong, or allowed and probably not meant.
struct LintRemark {
  std::string schema_path;  ///< JSON pointer to the keyword
  std::string message;
  std::string document;  ///< URI of the registered document that it is in; empty: of the schema
};

/// Looks for misspelled keywords and, in a schema that compiles, for defaults and examples that the
/// schema itself refuses, required properties that can't be given, limits that leave nothing. Why
/// a schema does not compile is the first remark. At most 256.
std::vector<LintRemark> lint(const Json& schema, const CompileOptions& options = {});

}  // namespace mcp::schema
