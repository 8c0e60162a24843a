#pragma once

#include <algorithm>
#include <chrono>
#include <stop_token>
#include <utility>

#include "servers/websearch/failure.h"

namespace fairlead::websearch {

/// Until when something may work, and whether it was cancelled meanwhile.
class Deadline {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Deadline(std::chrono::milliseconds time, std::stop_token stop = {})
      : stop_(std::move(stop)), end_(Clock::now() + time) {}

  bool passed() const { return stop_.stop_requested() || Clock::now() >= end_; }
  std::chrono::milliseconds left() const {
    return std::max(std::chrono::milliseconds(0),
                    std::chrono::duration_cast<std::chrono::milliseconds>(end_ - Clock::now()));
  }
  const std::stop_token& stop() const { return stop_; }
  /// Throws Failure when the call was cancelled.
  void check() const {
    if (stop_.stop_requested()) throw Failure("The call was cancelled.", Failure::Kind::cancelled);
  }

 private:
  std::stop_token stop_;
  Clock::time_point end_;
};

}  // namespace fairlead::websearch
