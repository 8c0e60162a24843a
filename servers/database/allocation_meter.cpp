#include "servers/database/allocation_meter.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <utility>

#include <mcp/base/system_memory.h>

namespace fairlead::database {
namespace {

// Between two looks at the clock: some microseconds of SQLite's work.
constexpr unsigned allocations_between_checks = 64;

thread_local AllocationMeter* current = nullptr;

std::int64_t bytes_of(void* memory) noexcept {
  return memory ? static_cast<std::int64_t>(mcp::usable_bytes(memory)) : 0;
}

void* allocate(int bytes) noexcept {
  if (current && !current->grant(bytes)) return nullptr;
  void* memory = std::malloc(static_cast<std::size_t>(bytes));
  if (current) current->count(bytes_of(memory));
  return memory;
}

void release(void* memory) noexcept {
  if (current) current->count(-bytes_of(memory));
  std::free(memory);
}

void* resize(void* memory, int bytes) noexcept {
  const std::int64_t before = bytes_of(memory);
  if (current && bytes > before && !current->grant(bytes - before)) return nullptr;
  void* resized = std::realloc(memory, static_cast<std::size_t>(bytes));
  if (current && resized) current->count(bytes_of(resized) - before);
  return resized;
}

bool install() noexcept {
  // SQLite's own puts eight bytes in front of each block, which it does not count. For the sorter's
  // many small ones the process took twice the memory of the heap limit.
  sqlite3_mem_methods methods{};
  methods.xMalloc = allocate;
  methods.xFree = release;
  methods.xRealloc = resize;
  methods.xSize = [](void* memory) { return static_cast<int>(bytes_of(memory)); };
  methods.xRoundup = [](int bytes) { return (bytes + 7) & ~7; };
  methods.xInit = [](void*) { return SQLITE_OK; };
  methods.xShutdown = [](void*) {};
  return sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) == SQLITE_OK;
}

}  // namespace

void meter_allocations() {
  static const bool installed = install();
  if (!installed)
    throw std::logic_error("SQLite was used before meter_allocations(), which has to come first");
}

AllocationMeter::AllocationMeter(std::function<bool()> must_end) : must_end_(std::move(must_end)) {
  current = this;
}

AllocationMeter::~AllocationMeter() {
  current = nullptr;
}

bool AllocationMeter::grant(std::int64_t bytes) noexcept {
  if (!bound_) return true;
  if (!ended_ && ++asked_ % allocations_between_checks == 0) ended_ = must_end_();
  if (used_ + bytes > limit_) exceeded_ = true;
  return !ended_ && !exceeded_;
}

void AllocationMeter::count(std::int64_t bytes) noexcept {
  used_ += bytes;
  peak_ = std::max(peak_, used_);
}

AllocationMeter::Bound::Bound(AllocationMeter& meter, std::int64_t bytes) : meter_(meter) {
  meter_.limit_ = bytes == no_limit ? no_limit : meter_.used_ + bytes;
  meter_.exceeded_ = false;
  meter_.bound_ = true;
}

AllocationMeter::Bound::~Bound() {
  meter_.bound_ = false;
}

}  // namespace fairlead::database
