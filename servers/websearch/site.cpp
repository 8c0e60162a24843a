#include "servers/websearch/site.h"

#include <algorithm>
#include <array>

#include <mcp/base/digest.h>
#include <mcp/outbound/url.h>

#include "servers/websearch/character.h"
#include "servers/websearch/charset.h"
#include "servers/websearch/failure.h"
#include "servers/websearch/feed.h"
#include "servers/websearch/web_url.h"

namespace fairlead::websearch {
namespace {

constexpr std::size_t max_sitemaps = 50;
constexpr std::size_t max_waiting = 5'000;
constexpr std::size_t max_seen = 50'000;
constexpr std::int64_t kept_for = 7 * 86'400;

constexpr std::array no_pages{".jpg", ".jpeg", ".png",  ".gif", ".webp", ".svg", ".ico", ".css",
                              ".js",  ".mjs",  ".zip",  ".gz",  ".tgz",  ".bz2", ".xz",  ".7z",
                              ".rar", ".mp3",  ".mp4",  ".avi", ".mov",  ".ogg", ".wav", ".webm",
                              ".exe", ".dmg",  ".woff", ".ttf", ".iso",  ".deb", ".rpm", ".apk"};

std::string without_www(std::string host) {
  return host.starts_with("www.") ? host.substr(4) : host;
}

std::string key_of(const std::string& url) {
  return mcp::sha256_hex(page_key(url)).substr(0, 16);
}

std::string path_of(const std::string& url) {
  const auto parsed = mcp::outbound::parse_http_url(url);
  if (!parsed) return "/";
  return parsed->target.substr(0, parsed->target.find('?'));
}

}  // namespace

bool SiteScope::holds(const std::string& url) const {
  const std::string own = without_www(host_of(url));
  if (own != host && !(subdomains && is_in_domain(own, host))) return false;
  const std::string path = path_of(url);
  const std::string lower = to_lower(path);
  if (std::any_of(no_pages.begin(), no_pages.end(),
                  [&](const char* end) { return lower.ends_with(end); })) {
    return false;
  }
  return paths.empty() || std::any_of(paths.begin(), paths.end(), [&](const std::string& begin) {
           return path.starts_with(begin);
         });
}

SiteScope scope_of(const std::string& url, bool subdomains, std::vector<std::string> paths) {
  return {.host = without_www(host_of(url)), .subdomains = subdomains, .paths = std::move(paths)};
}

std::vector<std::string> sitemap_pages(Services& services, const std::string& url,
                                       const SiteScope& scope, std::size_t most,
                                       const Deadline& deadline) {
  std::deque<std::string> waiting;
  std::set<std::string> seen;
  try {
    const RobotsRules rules = services.web.robots(url, deadline);
    waiting.assign(rules.sitemaps().begin(), rules.sitemaps().end());
  } catch (const Failure&) {
    deadline.check();
  }
  if (waiting.empty()) waiting.push_back(origin_of(url) + "/sitemap.xml");
  std::vector<std::string> pages;
  std::set<std::string> keys;
  while (!waiting.empty() && seen.size() < max_sitemaps && pages.size() < most &&
         !deadline.passed()) {
    const std::string at = std::exchange(waiting.front(), {});
    waiting.pop_front();
    if (!seen.insert(at).second) continue;
    try {
      const auto answer = services.cached_web.get(at, false, deadline);
      const std::string text = decode_text(answer.response.body, answer.response.charset()).text;
      if (answer.response.status != 200 || !is_sitemap(text)) continue;
      const Sitemap map = parse_sitemap(text, answer.response.url);
      for (const auto& each : map.sitemaps) waiting.push_back(each);
      for (const auto& each : map.pages) {
        if (pages.size() >= most) break;
        if (scope.holds(each) && keys.insert(page_key(each)).second) pages.push_back(each);
      }
    } catch (const Failure&) {
      deadline.check();  // a site need not have one
    }
  }
  return pages;
}

Crawl::Crawl(const std::string& url, SiteScope scope, std::size_t max_depth)
    : start_(url), scope_(std::move(scope)), max_depth_(max_depth) {
  // The start itself may lie outside the paths: it is where their links are.
  seen_.insert(key_of(url));
  waiting_.push_back({url, 0});
}

void Crawl::add(const std::string& url, std::size_t depth) {
  if (depth > max_depth_ || waiting_.size() >= max_waiting || seen_.size() >= max_seen ||
      !scope_.holds(url)) {
    return;
  }
  // A key is as long as it needs to be to tell pages apart: a crawl is kept, and a site may have
  // addresses as long as it likes.
  if (seen_.insert(key_of(url)).second) waiting_.push_back({url, depth});
}

void Crawl::go_on(std::size_t most, const Deadline& deadline, const Visit& visit) {
  for (std::size_t done = 0; done < most && !waiting_.empty() && !deadline.passed(); ++done) {
    const Page page = waiting_.front();
    const auto links = visit(page);
    deadline.check();
    if (deadline.passed() && links.empty()) return;
    waiting_.pop_front();
    for (const Link& link : links) add(link.url, page.depth + 1);
  }
}

std::string Crawl::to_text() const {
  mcp::Json waiting = mcp::Json::array();
  for (const Page& page : waiting_) waiting.push_back({page.url, page.depth});
  return mcp::Json{
      {"start", start_},       {"host", scope_.host},     {"subdomains", scope_.subdomains},
      {"paths", scope_.paths}, {"max_depth", max_depth_}, {"waiting", std::move(waiting)},
      {"seen", seen_}}
      .dump();
}

std::optional<Crawl> Crawl::of_text(const std::string& text) {
  try {
    const auto read = mcp::Json::parse(text);
    Crawl crawl(read.at("start").get<std::string>(),
                {.host = read.at("host").get<std::string>(),
                 .subdomains = read.at("subdomains").get<bool>(),
                 .paths = read.at("paths").get<std::vector<std::string>>()},
                read.at("max_depth").get<std::size_t>());
    crawl.seen_ = read.at("seen").get<std::set<std::string>>();
    crawl.waiting_.clear();
    for (const auto& each : read.at("waiting")) {
      crawl.waiting_.push_back({each.at(0).get<std::string>(), each.at(1).get<std::size_t>()});
    }
    return crawl;
  } catch (const mcp::Json::exception&) {
    return std::nullopt;
  }
}

std::string keep_crawl(StoreFile& file, const Crawl& crawl, std::int64_t now) {
  StoreFile::Writing writing(file);
  Statement old(writing.get(), "DELETE FROM crawls WHERE made < ?1");
  old.bind(1, now - kept_for).step();
  Statement insert(writing.get(),
                   "INSERT INTO crawls (name, made, state) "
                   "VALUES (lower(hex(randomblob(16))), ?1, ?2) RETURNING name");
  insert.bind(1, now).bind(2, crawl.to_text()).step();
  std::string name = insert.text(0);
  while (insert.step()) {
  }
  writing.commit();
  return name;
}

Crawl take_crawl(StoreFile& file, const std::string& name) {
  StoreFile::Writing writing(file);
  std::optional<Crawl> crawl;
  {
    Statement select(writing.get(), "SELECT state FROM crawls WHERE name = ?1");
    select.bind(1, name);
    if (select.step()) crawl = Crawl::of_text(select.text(0));
  }
  Statement remove(writing.get(), "DELETE FROM crawls WHERE name = ?1");
  remove.bind(1, name).step();
  writing.commit();
  if (!crawl) {
    throw Failure("This cursor is none, was used, or is older than a week: crawl from the start.");
  }
  return *std::move(crawl);
}

}  // namespace fairlead::websearch
