#pragma once

#include <cstddef>

namespace mcp {

/// How many descriptors this process may have open.
std::size_t descriptor_limit();
/// Raises the limit to the highest that the system grants; returns it.
std::size_t raise_descriptor_limit();

}  // namespace mcp
