#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// JSON pointers (RFC 6901) as they are built while walking a value. Thread-safe.

namespace mcp {

/// Appends `/name` with `~` and `/` escaped.
void append_json_pointer(std::string& pointer, std::string_view name);
/// Appends `/index`.
void append_json_pointer(std::string& pointer, std::size_t index);
/// One reference token, escaped.
std::string escape_json_pointer(std::string_view name);

}  // namespace mcp
