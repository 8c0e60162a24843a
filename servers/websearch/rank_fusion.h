#pragma once

#include <string>
#include <vector>

#include "servers/websearch/provider.h"

namespace fairlead::websearch {

/// A hit of several lists as one.
struct FusedHit {
  WebHit hit;                        ///< of the list that had it first
  std::vector<std::string> sources;  ///< who found it
  double score = 0;
};

/// One list of what a source found, best first.
struct RankedList {
  std::string source;
  std::vector<WebHit> hits;
};

/// Reciprocal rank fusion: a hit counts 1 / (60 + its place) in each list, and the sum orders. Hits
/// of one page (see page_key) are one; the longest snippet is kept.
std::vector<FusedHit> fuse(const std::vector<RankedList>& lists);

}  // namespace fairlead::websearch
