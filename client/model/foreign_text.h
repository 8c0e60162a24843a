#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fairlead::agent {

/// What of an error's text is shown, to a person, to a program and to the model.
inline constexpr std::size_t max_error_bytes = 4 * 1024;

/// The first `max_bytes` of foreign text, and a note of how much was cut.
std::string shortened(std::string_view text, std::size_t max_bytes = max_error_bytes);

}  // namespace fairlead::agent
