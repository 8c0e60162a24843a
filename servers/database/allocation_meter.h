#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace fairlead::database {

/// Makes SQLite's allocations pass through the meter of their thread. Before this process first
/// uses SQLite, which can't be changed later: else it throws std::logic_error. Any thread, and as
/// often as one likes.
void meter_allocations();

/// Counts what SQLite allocates on this thread while it lives, and refuses where a `Bound` says so:
/// the only way into what SQLite does without looking at a deadline, such as compiling. A refused
/// allocation ends SQLite's work with SQLITE_NOMEM. One at a time on a thread.
class AllocationMeter {
 public:
  /// `must_end` is asked now and then, within a Bound; it must not throw or use SQLite.
  explicit AllocationMeter(std::function<bool()> must_end);
  ~AllocationMeter();
  AllocationMeter(const AllocationMeter&) = delete;
  AllocationMeter& operator=(const AllocationMeter&) = delete;

  static constexpr std::int64_t no_limit = INT64_MAX;

  /// While it lives, nothing more is allocated once `must_end` was true, or past `bytes` more than
  /// at its beginning. For work that SQLite may leave at any point: none that commits.
  class Bound {
   public:
    Bound(AllocationMeter& meter, std::int64_t bytes);
    ~Bound();
    Bound(const Bound&) = delete;
    Bound& operator=(const Bound&) = delete;
    /// Something was refused for its size.
    bool exceeded() const noexcept { return meter_.exceeded_; }

   private:
    AllocationMeter& meter_;
  };

  /// The most that was allocated at a time.
  std::int64_t peak() const noexcept { return peak_; }

  /// For the allocator.
  bool grant(std::int64_t bytes) noexcept;
  void count(std::int64_t bytes) noexcept;

 private:
  const std::function<bool()> must_end_;
  std::int64_t used_ = 0;
  std::int64_t peak_ = 0;
  std::int64_t limit_ = no_limit;
  bool bound_ = false;
  bool ended_ = false;
  bool exceeded_ = false;
  unsigned asked_ = 0;
};

}  // namespace fairlead::database
