#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "servers/websearch/deadline.h"
#include "servers/websearch/html_tree.h"

namespace fairlead::websearch {

struct Link {
  std::string url;  ///< absolute, without its fragment
  std::string text;
};

/// What a page says about itself. Empty: it does not say.
struct PageMetadata {
  std::string title;
  std::string description;
  std::string author;
  std::string published;  ///< as the page writes it, usually ISO 8601
  std::string modified;
  std::string language;  ///< BCP 47, e.g. "en" or "pt-BR"
  std::string site_name;
  std::string canonical_url;  ///< absolute
};

/// A page as a model reads it.
struct Page {
  PageMetadata metadata;
  std::string markdown;     ///< the main content
  std::string text;         ///< the same without marks, for searching and counting
  std::vector<Link> links;  ///< of the whole page, each URL once, in their order
  std::string note;         ///< for the reader, when the content could not be had as usual
};

/// What extracting one page may take, besides its time.
struct ExtractionLimits {
  TreeLimits tree = {};
  std::size_t links = 5'000;
  std::size_t markdown_bytes = std::size_t{4} << 20U;
};

/// Turns an HTML page (in UTF-8) into Markdown: what surrounds the main content is left out, links
/// and pictures become absolute by `url`. It never fails: a page that is too much for the limits
/// has its tags taken out, and `note` says so. Thread-safe.
Page extract_page(std::string_view html, const std::string& url, const Deadline& deadline,
                  const ExtractionLimits& limits = {});

}  // namespace fairlead::websearch
