#pragma once

#include <cstdint>

#include <mcp/protocol/from_json.h>
#include <mcp/protocol/revision.h>

namespace mcp {

/// Who may keep a result: everyone, or only the caller that got it.
enum class CacheScope { public_, private_ };

/// How long and by whom a result may be kept (2026-07-28, "Caching"). Sent only when
/// `has_cache_hints`.
struct CacheHints {
  std::uint64_t ttl_ms = 0;  ///< milliseconds; 0: ask again every time
  CacheScope scope = CacheScope::private_;

  friend bool operator==(const CacheHints&, const CacheHints&) = default;
};

/// Writes the hints into `result` when the revision has them.
void add_cache_hints(Json& result, const CacheHints& hints, Revision revision);
/// The hints in a result; absent ones are the defaults, a negative or foreign one throws Malformed.
CacheHints read_cache_hints(const Json& result);

}  // namespace mcp
