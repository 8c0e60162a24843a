#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include <mcp/base/runtime.h>

namespace mcp::server {

/// How a call ended for who watches the server. A client that left or took its question back is no
/// failure of the tool.
enum class CallEnd { success, error, cancelled };

/// What the calls of one tool came to: numbers that only grow. Thread-safe, without locks.
class ToolMetrics {
 public:
  /// Upper bounds of the buckets; what takes longer is in one more.
  static constexpr std::array bounds = {
      std::chrono::microseconds(1'000),      std::chrono::microseconds(2'500),
      std::chrono::microseconds(5'000),      std::chrono::microseconds(10'000),
      std::chrono::microseconds(25'000),     std::chrono::microseconds(50'000),
      std::chrono::microseconds(100'000),    std::chrono::microseconds(250'000),
      std::chrono::microseconds(500'000),    std::chrono::microseconds(1'000'000),
      std::chrono::microseconds(2'500'000),  std::chrono::microseconds(5'000'000),
      std::chrono::microseconds(10'000'000), std::chrono::microseconds(30'000'000),
      std::chrono::microseconds(60'000'000)};

  void count(CallEnd end, Duration took) noexcept;

  std::uint64_t ended(CallEnd end) const noexcept {
    return ends_[static_cast<std::size_t>(end)].load(std::memory_order_relaxed);
  }
  /// Calls in one bucket alone; `bounds.size()` is the one beyond them.
  std::uint64_t in_bucket(std::size_t index) const noexcept {
    return buckets_[index].load(std::memory_order_relaxed);
  }
  std::chrono::nanoseconds total() const noexcept {
    return std::chrono::nanoseconds(total_.load(std::memory_order_relaxed));
  }

 private:
  std::array<std::atomic<std::uint64_t>, 3> ends_ = {};
  std::array<std::atomic<std::uint64_t>, bounds.size() + 1> buckets_ = {};
  std::atomic<std::int64_t> total_ = 0;
};

/// What a server counts. Thread-safe.
class Metrics {
 public:
  /// Names that have numbers of their own; the tools that come later share one.
  static constexpr std::size_t max_tools = 512;

  /// The numbers of a tool that is registered. They stay when it goes: a counter never goes back.
  ToolMetrics& of_tool(const std::string& name);
  /// Those of calls for tools that do not exist, whatever clients call them.
  ToolMetrics& of_unknown_tool() { return unknown_; }

  /// All of them, by name. References stay valid while this lives.
  std::map<std::string, const ToolMetrics*> tools() const;

  std::atomic<std::size_t> queued = 0;     ///< handlers that wait for a worker
  std::atomic<std::uint64_t> refused = 0;  ///< calls that there was no room for in the queue

 private:
  mutable std::mutex mutex_;
  std::map<std::string, ToolMetrics> tools_;
  ToolMetrics unknown_;
};

}  // namespace mcp::server
