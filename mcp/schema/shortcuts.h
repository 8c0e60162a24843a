#pragma once

#include <mcp/schema/program.h>

namespace mcp::schema {

/// Works out, once a program is complete, what spares steps whenever it runs: which types a
/// subschema says anything about, sorted texts, ranges of integers, discriminating properties.
void add_shortcuts(Program& program);

}  // namespace mcp::schema
