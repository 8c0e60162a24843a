#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace mcp::schema {

/// The length of a label's ASCII form when it is a U-label of RFC 5890 (normalised, only allowed
/// code points, the contextual and bidirectional rules kept); else nothing. Built without libidn2,
/// it checks all but normalisation, the table of allowed code points and bidirectional text.
std::optional<std::size_t> u_label_length(std::string_view label);

/// Whether an `xn--` label decodes to a U-label and back to itself.
bool is_a_label(std::string_view label);

}  // namespace mcp::schema
