#pragma once

#include <string_view>

#include <mcp/jsonrpc/codec.h>

namespace mcp::jsonrpc {

/// The members of a JSON-RPC object, before anyone asked whether they make a message. A member
/// that is absent is discarded (`Json::is_discarded`).
struct Envelope {
  Json jsonrpc = Json::value_t::discarded;
  Json id = Json::value_t::discarded;
  Json method = Json::value_t::discarded;
  Json params = Json::value_t::discarded;
  Json result = Json::value_t::discarded;
  Json error = Json::value_t::discarded;

  /// Where the member called `name` is kept; null for a member that JSON-RPC does not know.
  Json* member(std::string_view name);
  /// Lets go of all of them, without allocating.
  void release() noexcept;
};

/// The message that the members make, or why they make none (JSON-RPC 2.0, sections 4 and 5;
/// MCP: basic, "Messages").
BatchItem to_message(Envelope envelope);

}  // namespace mcp::jsonrpc
