#pragma once

#include <optional>
#include <string_view>

#include <mcp/jsonrpc/message.h>

namespace mcp::client {

/// Whose answer an unreadable message was meant to be: the id of a JSON object that has "result" or
/// "error" and no "method". Takes broken JSON as well and reads only the outermost names, so it is
/// a guess: good enough to fail a call of the server that sent it. Nothing when there is no such
/// id.
std::optional<jsonrpc::Id> id_of_answer(std::string_view bytes);

}  // namespace mcp::client
