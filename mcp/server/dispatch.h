#pragma once

#include <memory>
#include <string_view>

#include <mcp/server/call.h>
#include <mcp/server/run.h>

namespace mcp::server {

/// Whether handlers (or the lists of what is registered) answer this method.
bool is_feature_method(std::string_view method);
/// The list that this method asks for, if it does.
std::optional<FeatureList> feature_list(std::string_view method);
/// Whether the request's handler asked to be run on the loop.
bool runs_inline(const Call& call);
/// The tool's or prompt's name, the resource's URI, the task's id; empty when there is none.
std::string subject_of(std::string_view method, const Json& params);

/// Finds the handler of the run's call and runs it. `params` are the call's, perhaps changed by
/// middleware. Throws what the handler throws, and Error for a request that is wrong.
Reply perform(Run& run, Json& params, Context& context);

/// A tool's result on the wire. Throws std::runtime_error when it breaks the tool's output schema.
Json checked_result(const ToolEntry& entry, ToolResult result, Revision revision);
/// The tool that a `tools/call` names; throws Error when there is none.
std::shared_ptr<const ToolEntry> find_tool(const Snapshot& snapshot, const Json& params);

}  // namespace mcp::server
