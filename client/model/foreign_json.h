#pragma once

#include <string>
#include <string_view>

#include <client/model/message.h>

namespace fairlead::agent {

/// Parses JSON that somebody else wrote, through the gate of `mcp::jsonrpc::Decoder` and within its
/// default limits: a key that stands twice in an object is refused (which of the two was meant?),
/// numbers beyond 64 bits or double stay exact, and the error says where.
/// Throws std::invalid_argument.
Json parse_foreign_json(std::string_view text);

/// Serialises for the wire; invalid UTF-8 becomes U+FFFD, a number beyond 64 bits stays as it came.
std::string to_wire(const Json& json);

/// The member of an object, or null when `json` is no object or lacks it.
const Json& member(const Json& json, const char* name);
/// The string, or empty when it is none.
std::string string_or_empty(const Json& json);
std::uint64_t number_or_zero(const Json& json);

}  // namespace fairlead::agent
