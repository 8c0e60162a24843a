#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "servers/websearch/services.h"

namespace fairlead::websearch {

/// Which pages belong to a site.
struct SiteScope {
  std::string host;                     ///< without `www.`
  bool subdomains = false;              ///< those below the host, too
  std::vector<std::string> paths = {};  ///< only what begins with one of them, or all

  /// What is known to be no page (pictures, archives, styles) is not in it.
  bool holds(const std::string& url) const;
};
SiteScope scope_of(const std::string& url, bool subdomains, std::vector<std::string> paths);

/// The pages that the site's sitemaps list: those that robots.txt names, or else /sitemap.xml. At
/// most `most` of them that are in the scope; what can't be read is left out.
std::vector<std::string> sitemap_pages(Services& services, const std::string& url,
                                       const SiteScope& scope, std::size_t most,
                                       const Deadline& deadline);

/// How far a crawl is: what waits, and what was seen. It can be put away as text and gone on with.
class Crawl {
 public:
  Crawl(const std::string& url, SiteScope scope, std::size_t max_depth);
  /// Nothing for a text that to_text() did not make.
  static std::optional<Crawl> of_text(const std::string& text);
  std::string to_text() const;

  const std::string& start() const { return start_; }
  const SiteScope& scope() const { return scope_; }
  bool ended() const { return waiting_.empty(); }
  std::size_t waiting() const { return waiting_.size(); }
  /// Puts a page at the end unless it was seen, lies outside the scope or too deep.
  void add(const std::string& url, std::size_t depth);

  struct Page {
    std::string url;
    std::size_t depth = 0;
  };
  using Visit = std::function<std::vector<Link>(const Page& page)>;
  /// Visits up to `most` pages until the deadline; `visit` gives the links of one. A page that the
  /// deadline cut short waits on.
  void go_on(std::size_t most, const Deadline& deadline, const Visit& visit);

 private:
  std::string start_;
  SiteScope scope_;
  std::size_t max_depth_;
  std::deque<Page> waiting_;
  std::set<std::string> seen_;  // page_key
};

/// Puts a crawl away for a week; the name can't be guessed.
std::string keep_crawl(StoreFile& file, const Crawl& crawl, std::int64_t now);
/// Throws Failure for a name that is none, or was used.
Crawl take_crawl(StoreFile& file, const std::string& name);

}  // namespace fairlead::websearch
