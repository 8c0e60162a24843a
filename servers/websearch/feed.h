#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fairlead::websearch {

struct FeedEntry {
  std::string title;
  std::string url;        ///< absolute
  std::string published;  ///< as the feed writes it
  std::string author;
  std::string html;  ///< its content, or else its summary
};

/// An RSS (0.9x, 1.0, 2.0) or Atom feed.
struct Feed {
  std::string title;
  std::vector<FeedEntry> entries;  ///< at most 1,000
};

bool is_feed(std::string_view text);
/// `url`: where the feed was. It takes what it can of a malformed one.
Feed parse_feed(std::string_view xml, const std::string& url);
std::string to_markdown(const Feed& feed);

/// What a sitemap (or a sitemap of sitemaps) lists.
struct Sitemap {
  std::vector<std::string> pages;     ///< absolute; at most 50,000
  std::vector<std::string> sitemaps;  ///< at most 1,000
};
bool is_sitemap(std::string_view text);
Sitemap parse_sitemap(std::string_view xml, const std::string& url);

}  // namespace fairlead::websearch
