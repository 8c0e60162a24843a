#include <mcp/base/system_memory.h>

#ifdef __APPLE__
#include <malloc/malloc.h>
#else
#include <malloc.h>
#endif

#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace mcp {

std::size_t usable_bytes(void* memory) noexcept {
#ifdef __APPLE__
  return malloc_size(memory);
#else
  return malloc_usable_size(memory);
#endif
}

std::size_t unused_bytes() noexcept {
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
  // The allocator's own count of what is free goes on counting what it has given back.
  std::ifstream statm("/proc/self/statm");
  std::size_t size = 0;
  std::size_t resident = 0;
  std::size_t of_files = 0;
  if (!(statm >> size >> resident >> of_files) || of_files > resident) return 0;
  const std::size_t own = (resident - of_files) * static_cast<std::size_t>(::getpagesize());
  const auto allocated = mallinfo2();
  return own - std::min(own, allocated.uordblks + allocated.hblkhd);
#else
  return 0;
#endif
}

void return_free_memory() noexcept {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

}  // namespace mcp
