#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "servers/filesystem/limits.h"

namespace fairlead::filesystem {

/// Sorts, and looks after the call meanwhile: a million names take a while.
template <class T, class Less>
void sort_watched(std::vector<T>& all, const Watch& watch, const Less& less) {
  std::size_t compared = 0;
  std::sort(all.begin(), all.end(), [&](const T& a, const T& b) {
    if (++compared % 8'192 == 0) watch.check();
    return less(a, b);
  });
}

/// Keeps the first `count` of what is added, whatever the order, in memory for twice as many.
template <class T, class Less>
class FirstOf {
 public:
  FirstOf(std::size_t count, Less less) : count_(count), less_(std::move(less)) {}
  void add(T each) {
    all_.push_back(std::move(each));
    if (all_.size() >= 2 * count_ + 1'000) cut();
  }
  /// Sorted; not to be added to any more.
  std::vector<T> take(const Watch& watch) {
    cut();
    sort_watched(all_, watch, less_);
    return std::move(all_);
  }

 private:
  void cut() {
    if (all_.size() <= count_) return;
    const auto end = all_.begin() + static_cast<std::ptrdiff_t>(count_);
    std::nth_element(all_.begin(), end, all_.end(), less_);
    all_.resize(count_);
  }

  const std::size_t count_;
  const Less less_;
  std::vector<T> all_;
};

}  // namespace fairlead::filesystem
