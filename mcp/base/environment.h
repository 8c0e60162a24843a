#pragma once

#include <memory>

#include <mcp/base/runtime.h>

namespace mcp {

/// The system's clock and randomness, for programs that make a runtime of their own. Throws
/// std::runtime_error when the system has no randomness.
std::unique_ptr<Environment> make_environment();

}  // namespace mcp
