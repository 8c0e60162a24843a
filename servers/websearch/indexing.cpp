#include "servers/websearch/indexing.h"

#include "servers/websearch/dates.h"
#include "servers/websearch/feed.h"
#include "servers/websearch/sections.h"

namespace fairlead::websearch {

IndexedDocument to_indexed(const Document& document) {
  const PageMetadata& metadata = document.page.metadata;
  IndexedDocument out{.url = document.url,
                      .title = metadata.title,
                      .body = document.page.text,
                      .language = metadata.language.substr(0, 20),
                      .published = read_date(metadata.published)};
  for (char& c : out.language) {
    if (c == '_') c = '-';
  }
  if (document.is_page || document.content_type == "text/markdown") {
    for (const Heading& heading : headings_of(document.page.markdown)) {
      out.headings += heading.text + "\n";
    }
  }
  return out;
}

std::vector<IndexedDocument> feed_documents(const Document& document) {
  std::vector<IndexedDocument> out;
  if (document.is_page || !is_feed(document.source)) return out;
  for (const FeedEntry& entry : parse_feed(document.source, document.url).entries) {
    if (!entry.url.starts_with("http")) continue;
    const Page page = extract_page(entry.html, entry.url, Deadline(std::chrono::seconds(1)));
    out.push_back({.url = entry.url,
                   .title = entry.title,
                   .body = page.text,
                   .published = read_date(entry.published)});
  }
  return out;
}

}  // namespace fairlead::websearch
