#pragma once

#include <cstddef>
#include <vector>

#include <mcp/schema/program.h>
#include <mcp/schema/schema.h>

namespace mcp::schema {

/// Which errors of a failed `anyOf` or `oneOf` to give.
enum class Branches { closest, all };

/// Everything wrong with `instance`, at most `max_errors` of it.
std::vector<ValidationError> find_errors(const Program& program, const Json& instance,
                                         Branches branches, std::size_t max_errors);

}  // namespace mcp::schema
