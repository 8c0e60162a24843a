#pragma once

namespace fairlead::database {

/// Gives what the process has freed back to the system. A statement that ended at the heap limit
/// leaves hundreds of megabytes in the allocator, which keeps them for the next one.
void return_free_memory() noexcept;

}  // namespace fairlead::database
