#pragma once

#include <cstddef>
#include <exception>
#include <string>

#include <mcp/base/runtime.h>
#include <mcp/jsonrpc/message.h>
#include <mcp/protocol/revision.h>
#include <mcp/server/core.h>

namespace mcp::server {

/// What the client is told when `error` ended its request: an Error as it is (with a code that its
/// revision knows), a ToolError's text, and of anything else only a reference into the log.
/// `title` says in the log which request it was.
jsonrpc::ErrorObject error_answer(const std::exception_ptr& error, Revision revision, Core& core,
                                  const std::string& title);

/// The error as it is.
jsonrpc::ErrorObject to_object(const Error& error);

/// The refusal of a request that there is no room for now.
Error overloaded(const char* what);
/// The refusal of a tool call by a caller that made too many.
Error too_many_calls(std::size_t per_minute, Duration wait);

}  // namespace mcp::server
