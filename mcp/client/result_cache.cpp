#include <mcp/client/result_cache.h>

#include <algorithm>
#include <utility>

#include <mcp/base/json_memory.h>
#include <mcp/jsonrpc/codec.h>
#include <mcp/protocol/method.h>

namespace mcp::client {

bool ResultCache::covers(const std::string& method) {
  return method == method::tools_list || method == method::resources_list ||
         method == method::resources_templates_list || method == method::prompts_list ||
         method == method::resources_read;
}

ResultCache::Key ResultCache::key(const std::string& method, const Json& params) {
  return {method, params.is_null() ? "{}" : jsonrpc::encode_value(params)};
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
  forget(method, params);
  if (ttl == Duration::zero()) return {};
  Key name = key(method, params);
  const std::size_t bytes = held_bytes(result) + name.params.size();
  if (bytes > max_bytes_) return {};
  bytes_ += bytes;
  entries_.emplace(std::move(name), Entry{result, now + ttl, hints.scope, ++kept_, bytes});
  while (entries_.size() > max_entries_ || bytes_ > max_bytes_) {
    drop(std::min_element(entries_.begin(), entries_.end(),
                          [](auto& a, auto& b) { return a.second.age < b.second.age; }));
  }
  return {};
}

ResultCache::Entries::iterator ResultCache::drop(Entries::iterator entry) {
  bytes_ -= entry->second.bytes;
  return entries_.erase(entry);
}

void ResultCache::forget(const std::string& method) {
  auto entry = entries_.lower_bound({method, ""});
  while (entry != entries_.end() && entry->first.method == method) entry = drop(entry);
}

void ResultCache::forget(const std::string& method, const Json& params) {
  auto entry = entries_.find(key(method, params));
  if (entry != entries_.end()) drop(entry);
}

void ResultCache::clear() {
  entries_.clear();
  bytes_ = 0;
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
