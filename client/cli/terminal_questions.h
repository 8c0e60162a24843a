#pragma once

#include <mcp/client/input_handlers.h>

namespace fairlead::agent {

/// Shows what a server asks on the terminal and reads the answers there, one question at a time.
/// Who asks and what it gets is shown first, and nothing is sent without a yes.
mcp::InputHandlers terminal_questions();

}  // namespace fairlead::agent
