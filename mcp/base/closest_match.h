#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mcp {

/// The candidate that `wrong` was probably meant to be ("did you mean …"), or nothing when none is
/// near enough. Letter case, `_` and `-` do not count; else a candidate may differ by one edit
/// (insert, delete, replace, swap neighbours) per three characters. The first of equals wins.
/// The work is bounded: words past 64 bytes are not compared, nor candidates past the 1000th.
/// The view points into `candidates`. Thread-safe.
std::optional<std::string_view> closest_match(std::string_view wrong,
                                              std::span<const std::string_view> candidates);
std::optional<std::string_view> closest_match(std::string_view wrong,
                                              std::span<const std::string> candidates);

}  // namespace mcp
