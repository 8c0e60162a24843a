#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "servers/websearch/store_file.h"

namespace fairlead::websearch {

/// Counts the calls to services whose number a day is limited. It is kept in the file, so that a
/// restart gives no new ones, and servers on the same file share them. A day begins with the first
/// call of it. Any thread.
class DailyCalls {
 public:
  /// `now`: seconds since 1970.
  DailyCalls(StoreFile& file, std::function<std::int64_t()> now)
      : file_(file), now_(std::move(now)) {}

  /// Takes one of `most` calls of today; false when they are used up. Throws Failure.
  bool take(const std::string& service, std::size_t most);

 private:
  StoreFile& file_;
  const std::function<std::int64_t()> now_;
};

}  // namespace fairlead::websearch
