#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <mcp/base/runtime.h>

namespace mcp {

/// What outlives a request. Several servers may share one store. Thread-safe; calls may block, so
/// they are made on workers only.
class Store {
 public:
  virtual ~Store() = default;
  /// Writes `value` unless the key has one, in one step. Nothing when it was written, else the
  /// value that is there. Throws std::runtime_error when the store is full or out of reach.
  virtual std::optional<std::string> insert(const std::string& key, std::string value,
                                            std::chrono::seconds lifetime) = 0;
  /// Writes `value`, whatever was there.
  virtual void put(const std::string& key, std::string value, std::chrono::seconds lifetime) = 0;
};

/// A store that lives as long as the process. Past `max_entries` it refuses new keys. `now` is
/// asked from any thread and decides what has expired; none: the steady clock.
std::shared_ptr<Store> make_memory_store(std::size_t max_entries = 100'000,
                                         std::function<TimePoint()> now = {});

}  // namespace mcp
