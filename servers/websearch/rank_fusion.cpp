#include "servers/websearch/rank_fusion.h"

#include <algorithm>
#include <cstddef>
#include <map>

#include "servers/websearch/web_url.h"

namespace fairlead::websearch {
namespace {

constexpr double rank_offset = 60;

}  // namespace

std::vector<FusedHit> fuse(const std::vector<RankedList>& lists) {
  std::vector<FusedHit> fused;
  std::map<std::string, std::size_t> places;
  for (const RankedList& list : lists) {
    double place = 0;
    for (const WebHit& hit : list.hits) {
      ++place;
      const auto [at, is_new] = places.emplace(page_key(hit.url), fused.size());
      if (is_new) fused.push_back({.hit = hit, .sources = {}, .score = 0});
      FusedHit& into = fused[at->second];
      // A list that has a page twice counts it once.
      if (std::find(into.sources.begin(), into.sources.end(), list.source) != into.sources.end()) {
        continue;
      }
      into.sources.push_back(list.source);
      into.score += 1 / (rank_offset + place);
      if (hit.snippet.size() > into.hit.snippet.size()) into.hit.snippet = hit.snippet;
      if (into.hit.published.empty()) into.hit.published = hit.published;
    }
  }
  std::stable_sort(fused.begin(), fused.end(),
                   [](const FusedHit& a, const FusedHit& b) { return a.score > b.score; });
  return fused;
}

}  // namespace fairlead::websearch
