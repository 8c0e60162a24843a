#pragma once

#include <string>
#include <string_view>

#include <client/model/message.h>

namespace fairlead::agent {

/// `json_text` with escapes for the characters that a terminal does not show as themselves: DEL and
/// the other controls past ASCII, what changes the direction of text or breaks a line, and format
/// characters that nobody sees. The value is the same.
std::string escape_unseen(std::string_view json_text);

/// A value on one line, and one over several lines, indented by two spaces. Numbers stay as they
/// came; what a terminal does not show as itself is escaped.
std::string terminal_json_line(const Json& json);
std::string terminal_json(const Json& json);

}  // namespace fairlead::agent
