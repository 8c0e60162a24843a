#pragma once

#include <memory>

#include <mcp/schema/program.h>
#include <mcp/schema/schema.h>

namespace mcp::schema {

/// Throws SchemaError.
std::shared_ptr<const Program> compile_program(const Json& schema, const CompileOptions& options);

}  // namespace mcp::schema
