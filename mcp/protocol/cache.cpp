#include <mcp/protocol/cache.h>

#include <array>
#include <utility>

#include <mcp/protocol/object_reader.h>

namespace mcp {

void add_cache_hints(Json& result, const CacheHints& hints, Revision revision) {
  if (!has_cache_hints(revision)) return;
  result["ttlMs"] = hints.ttl_ms;
  result["cacheScope"] = hints.scope == CacheScope::public_ ? "public" : "private";
}

CacheHints read_cache_hints(const Json& result) {
  static constexpr std::array<std::pair<std::string_view, CacheScope>, 2> scopes = {
      {{"public", CacheScope::public_}, {"private", CacheScope::private_}}};
  protocol::ObjectReader in(result);
  CacheHints hints;
  hints.ttl_ms = in.get_or<std::uint64_t>("ttlMs", 0);
  if (const Json* scope = in.find("cacheScope")) {
    hints.scope = protocol::at("cacheScope", [&] {
      return protocol::read_name(*scope, scopes, "\"public\" or \"private\"");
    });
  }
  return hints;
}

}  // namespace mcp
