#pragma once

#include <cstddef>

namespace mcp {

/// How much of what malloc gave is there to use: at least what was asked for. Thread-safe.
std::size_t usable_bytes(void* memory) noexcept;

/// The memory that the process takes without using it: what it has freed and the allocator keeps,
/// and what is left of pages and stacks. 0 where that can't be known. Thread-safe.
std::size_t unused_bytes() noexcept;

/// Gives what the process has freed back to the system. The allocator keeps it otherwise, in the
/// arenas of threads that may never need as much again. Takes some milliseconds for a hundred
/// megabytes. Thread-safe.
void return_free_memory() noexcept;

}  // namespace mcp
