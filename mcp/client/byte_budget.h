#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

namespace mcp::client {

/// So many bytes of memory that may be held at a time. Thread-safe.
class ByteBudget {
 public:
  /// A part of the budget, given back when its last copy goes; may outlive the budget.
  using Part = std::shared_ptr<const void>;

  explicit ByteBudget(std::size_t limit) : limit_(limit) {}

  /// Null when there is not as much left.
  Part take(std::size_t bytes) {
    std::size_t held = held_->load();
    do {
      if (bytes > limit_ || held > limit_ - bytes) return nullptr;
    } while (!held_->compare_exchange_weak(held, held + bytes));
    return {held_.get(), [held = held_, bytes](const void*) { held->fetch_sub(bytes); }};
  }

 private:
  std::size_t limit_;
  std::shared_ptr<std::atomic<std::size_t>> held_ = std::make_shared<std::atomic<std::size_t>>(0);
};

}  // namespace mcp::client
