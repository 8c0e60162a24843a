#pragma once

#include <mcp/schema/program.h>

namespace mcp::schema {

/// Throws SchemaError when a schema applies itself to the same instance without end, like
/// `{"$ref": "#"}`. (What a dynamic reference does is only known while validating, and bounded
/// there.)
void refuse_in_place_cycles(const Program& program);

}  // namespace mcp::schema
