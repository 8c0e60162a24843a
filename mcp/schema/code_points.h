#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mcp::schema {

/// Reads one UTF-8 code point at `at` and moves past it; nothing at malformed bytes.
std::optional<char32_t> next_code_point(std::string_view text, std::size_t& at) noexcept;
/// All of them; nothing when the text is not UTF-8.
std::optional<std::u32string> to_code_points(std::string_view text);
std::string to_utf8(std::u32string_view text);

}  // namespace mcp::schema
