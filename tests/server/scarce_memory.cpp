#include "scarce_memory.h"

#include <atomic>
#include <cstdlib>
#include <limits>
#include <new>

// For a program of its own: its allocations fail on demand.

namespace {

std::atomic<std::size_t> first_refused = std::numeric_limits<std::size_t>::max();

}  // namespace

Scarce::Scarce(std::size_t bytes) {
  first_refused = bytes;
}
Scarce::~Scarce() {
  first_refused = std::numeric_limits<std::size_t>::max();
}

void* operator new(std::size_t bytes) {
  if (bytes < first_refused) {
    if (void* block = std::malloc(bytes == 0 ? 1 : bytes)) return block;
  }
  throw std::bad_alloc();
}
void* operator new[](std::size_t bytes) {
  return operator new(bytes);
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  return bytes < first_refused ? std::malloc(bytes == 0 ? 1 : bytes) : nullptr;
}
void* operator new[](std::size_t bytes, const std::nothrow_t& nothrow) noexcept {
  return operator new(bytes, nothrow);
}
void operator delete(void* block) noexcept {
  std::free(block);
}
void operator delete(void* block, std::size_t) noexcept {
  std::free(block);
}
void operator delete[](void* block) noexcept {
  std::free(block);
}
void operator delete[](void* block, std::size_t) noexcept {
  std::free(block);
}
