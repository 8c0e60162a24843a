#pragma once

#include <string>
#include <string_view>

namespace fairlead::agent {

/// Foreign text as a terminal may show it: control characters, which could move the cursor, change
/// the title or fake other output, are left out; line feeds and tabs stay.
std::string printable(std::string_view text);

/// One line of it, at most `max_bytes` long, with "…" where it was cut.
std::string one_line(std::string_view text, std::size_t max_bytes);

}  // namespace fairlead::agent
