#pragma once

#include <cstddef>
#include <stop_token>

#include <client/agent/tool_names.h>

namespace fairlead::agent {

/// Runs one call of the model. Whatever goes wrong (no such tool, arguments that are no JSON
/// object, a tool that throws) becomes an error result that tells the model what would be right.
/// Text past `max_bytes` is cut with a note.
ToolResult run_tool_call(const ToolCall& call, const ToolNames& names, Toolbox& toolbox,
                         std::size_t max_bytes, std::stop_token stop);

}  // namespace fairlead::agent
