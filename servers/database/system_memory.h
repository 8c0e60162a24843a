#pragma once

#include <cstddef>

namespace fairlead::database {

/// How much of what malloc gave is there to use: at least what was asked for.
std::size_t usable_bytes(void* memory) noexcept;

/// Gives what the process has freed back to the system. A large statement leaves up to hundreds of
/// megabytes in the allocator, which keeps them for the next one.
void return_free_memory() noexcept;

}  // namespace fairlead::database
