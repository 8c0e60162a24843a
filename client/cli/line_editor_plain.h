#pragma once

#include <client/cli/line_editor.h>

namespace fairlead::agent {

/// Lines as the terminal's own editing gives them.
std::unique_ptr<LineEditor> make_plain_line_editor();

}  // namespace fairlead::agent
