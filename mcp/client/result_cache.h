#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include <mcp/base/runtime.h>
#include <mcp/client/subscription.h>
#include <mcp/protocol/cache.h>

namespace mcp::client {

/// Results that the server allows to be kept for a while (2026-07-28, server/utilities/caching).
/// One client is one caller, so private results may be kept too. On the loop.
class ResultCache {
 public:
  /// Past either bound the oldest results go; `max_bytes` is about the memory they hold.
  ResultCache(std::size_t max_entries, std::size_t max_bytes)
      : max_entries_(max_entries), max_bytes_(max_bytes) {}

  /// Whether results of this request may be kept at all.
  static bool covers(const std::string& method);

  /// The result of the same request, if it is still fresh.
  const Json* find(const std::string& method, const Json& params, TimePoint now) const;
  /// Keeps the result for as long as it says. Gives a problem to report, or an empty text: all
  /// pages of a list share one `cacheScope`.
  std::string keep(const std::string& method, const Json& params, const Json& result,
                   TimePoint now);
  void forget(const std::string& method);
  void forget(const std::string& method, const Json& params);
  void forget(ListKind list);
  void clear();

 private:
  struct Key {
    std::string method;
    std::string params;
    auto operator<=>(const Key&) const = default;
  };
  struct Entry {
    Json result;
    TimePoint fresh_until;
    CacheScope scope;
    std::uint64_t age;
    std::size_t bytes;
  };
  using Entries = std::map<Key, Entry>;
  static Key key(const std::string& method, const Json& params);
  Entries::iterator drop(Entries::iterator entry);

  std::size_t max_entries_;
  std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  std::uint64_t kept_ = 0;
  Entries entries_;
};

}  // namespace mcp::client
