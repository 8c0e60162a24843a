#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mcp/base/json.h>

// JSON documents of other servers: tokens, key sets, metadata. All functions are thread-safe.

namespace mcp::auth {

/// Reads one JSON object of at most `max_bytes`, 32 levels and 20,000 values, without duplicate
/// keys. `what` names the document in errors ("the key set of https://…").
/// Throws AuthError which never quotes the document.
Json parse_document(std::string_view bytes, std::string_view what,
                    std::size_t max_bytes = std::size_t{256} << 10);

/// The member's text; nothing when it is absent or null.
/// Throws AuthError when it is something else.
std::optional<std::string> text_member(const Json& object, const char* name, std::string_view what);
/// As above, and an absent or empty text is an error.
std::string required_text(const Json& object, const char* name, std::string_view what);
/// The member's texts, at most 1000; nothing when it is absent or null.
std::optional<std::vector<std::string>> texts_member(const Json& object, const char* name,
                                                     std::string_view what);
/// True only for the JSON value true.
bool true_member(const Json& object, const char* name);

/// Foreign text as an error message may show it: at most `max_bytes`, printable ASCII only.
std::string printable(std::string_view text, std::size_t max_bytes = 200);

}  // namespace mcp::auth
