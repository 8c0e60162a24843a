#pragma once

#include <mcp/schema/program.h>

namespace mcp::schema {

/// A subschema that applies itself to the same instance without end, like `{"$ref": "#"}`; nullptr
/// when there is none. (What a dynamic reference does is only known while validating, and bounded
/// there.)
const Node* find_in_place_cycle(const Program& program);

}  // namespace mcp::schema
