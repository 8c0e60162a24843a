#include <mcp/client/result_cache.h>

#include <algorithm>

#include <mcp/protocol/method.h>

namespace mcp::client {

bool ResultCache::covers(const std::string& method) {
  return method == method::tools_list || method == method::resources_list ||
         method == method::resources_templates_list || method == method::prompts_list ||
         method == method::resources_read;
}

ResultCache::Key ResultCache::key(const std::string& method, const Json& params) {
  return {method,
          params.is_null() ? "{}" : params.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

const Json* ResultCache::find(const std::string& method, const Json& params, TimePoint now) const {
  auto found = entries_.find(key(method, params));
  return found != entries_.end() && now < found->second.fresh_until ? &found->second.result
                                                                    : nullptr;
}

std::string ResultCache::keep(const std::string& method, const Json& params, const Json& result,
                              TimePoint now) {
  CacheHints hints;
  try {
    hints = read_cache_hints(result);
  } catch (const Malformed& malformed) {
    return method + ": not cached: " + malformed.what();
  }
  // A day is for ever here, and keeps the sum of times far from overflow.
  constexpr std::uint64_t longest = 24ULL * 60 * 60 * 1000;
  Duration ttl = std::chrono::milliseconds(std::min(hints.ttl_ms, longest));
  bool other_scope = false;
  if (method != method::resources_read) {
    for (auto it = entries_.lower_bound({method, ""}); it != entries_.end(); ++it) {
      if (it->first.method != method) break;
      if (now < it->second.fresh_until && it->second.scope != hints.scope) other_scope = true;
    }
  }
  if (other_scope) {
    forget(method);
    return method + ": not cached: the pages of the list differ in cacheScope";
  }
  if (ttl == Duration::zero()) {
    forget(method, params);
    return {};
  }
  entries_.insert_or_assign(key(method, params), Entry{result, now + ttl, hints.scope, ++kept_});
  if (entries_.size() > max_entries_) {
    entries_.erase(std::min_element(entries_.begin(), entries_.end(),
                                    [](auto& a, auto& b) { return a.second.age < b.second.age; }));
  }
  return {};
}

void ResultCache::forget(const std::string& method) {
  std::erase_if(entries_, [&](const auto& entry) { return entry.first.method == method; });
}

void ResultCache::forget(const std::string& method, const Json& params) {
  entries_.erase(key(method, params));
}

void ResultCache::forget(ListKind list) {
  switch (list) {
    case ListKind::tools:
      return forget(method::tools_list);
    case ListKind::prompts:
      return forget(method::prompts_list);
    case ListKind::resources:
      forget(method::resources_list);
      return forget(method::resources_templates_list);
  }
}

}  // namespace mcp::client
