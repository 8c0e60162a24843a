#pragma once

#include <string>

#include "servers/websearch/html_tree.h"
#include "servers/websearch/page.h"

namespace fairlead::websearch {

/// What is found in the page's head and in its JSON-LD.
struct FoundMetadata {
  PageMetadata metadata;
  /// The text of the article as JSON-LD has it: some pages show it to search engines only.
  std::string article;
};

/// `base`: the page's base URL.
FoundMetadata find_metadata(const HtmlTree& tree, const std::string& base);

}  // namespace fairlead::websearch
