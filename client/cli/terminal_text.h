#pragma once

#include <string>
#include <string_view>

namespace fairlead::agent {

/// Foreign text as a terminal may show it: control characters, which could move the cursor, change
/// the title or fake other output, are left out, and so are those that change the direction of text
/// or break a line unseen; line feeds and tabs stay.
std::string printable(std::string_view text);

/// One line of it, at most `max_bytes` long, with "…" where it was cut.
std::string one_line(std::string_view text, std::size_t max_bytes);

/// Several lines of it, each behind "  | ", so that none can pass for a line of this program; at
/// most 8 KiB, with a note of how much was cut.
std::string marked_lines(std::string_view text);

/// An error's text: at most 4 KiB, with a note of how much was cut.
std::string error_text(std::string_view text);

}  // namespace fairlead::agent
