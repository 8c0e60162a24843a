#include "servers/websearch/feed.h"

#include <mcp/base/uri.h>
#include <mcp/base/utf8.h>

#include "servers/websearch/character.h"
#include "servers/websearch/deadline.h"
#include "servers/websearch/page.h"
#include "servers/websearch/xml_reader.h"

namespace fairlead::websearch {
namespace {

constexpr std::size_t max_entries = 1'000;
constexpr std::size_t max_pages = 50'000;
constexpr std::size_t max_sitemaps = 1'000;
constexpr std::size_t max_summary = 500;
constexpr std::size_t max_field = 1'000;
// Longer ones are nobody's, and a relative one of a byte may stand for as many.
constexpr std::size_t max_url = 2'000;

std::string root_name(std::string_view text) {
  XmlReader reader(text.substr(0, 4'000));
  for (auto event = reader.next(); event != XmlReader::Event::end; event = reader.next()) {
    if (event == XmlReader::Event::open) return reader.name();
    if (event == XmlReader::Event::text && !trimmed(reader.text()).empty() &&
        !reader.text().starts_with("\xEF\xBB\xBF")) {
      return {};
    }
  }
  return {};
}

std::string field(std::string_view text) {
  return std::string(mcp::truncate_utf8(collapsed(text), max_field));
}

class FeedReader {
 public:
  explicit FeedReader(std::string url) : url_(std::move(url)) {}

  Feed read(std::string_view xml) {
    XmlReader reader(xml);
    for (auto event = reader.next(); event != XmlReader::Event::end; event = reader.next()) {
      if (event == XmlReader::Event::open) {
        open(reader);
      } else if (event == XmlReader::Event::text) {
        text_ += reader.text();
      } else if (close(reader.name())) {
        break;
      }
    }
    return std::move(feed_);
  }

 private:
  void open(const XmlReader& reader) {
    const std::string& name = reader.name();
    if (name == "item" || name == "entry") {
      in_entry_ = true;
      entry_ = {};
    }
    if (name == "author") in_author_ = true;
    if (name == "link" && in_entry_) {
      const std::string relation = reader.attribute("rel");
      const std::string target = reader.attribute("href");
      if (!target.empty() && (relation.empty() || relation == "alternate")) {
        set_url(target);
      }
    }
    text_.clear();
  }

  // True when there are enough.
  bool close(const std::string& name) {
    const std::string value = std::string(trimmed(text_));
    if (name == "author") in_author_ = false;
    if (!in_entry_) {
      if (name == "title" && feed_.title.empty()) feed_.title = field(value);
    } else if (name == "item" || name == "entry") {
      in_entry_ = false;
      feed_.entries.push_back(std::move(entry_));
      return feed_.entries.size() >= max_entries;
    } else if (name == "title") {
      entry_.title = field(value);
    } else if (name == "link" && !value.empty()) {
      set_url(value);
    } else if (name == "guid" && entry_.url.empty() && value.starts_with("http")) {
      set_url(value);
    } else if (name == "pubdate" || name == "published" || name == "date" ||
               (name == "updated" && entry_.published.empty())) {
      entry_.published = field(value);
    } else if (name == "creator" || (name == "name" && in_author_) ||
               (name == "author" && !value.empty())) {
      entry_.author = field(value);
    } else if (name == "encoded" || name == "content") {
      if (value.size() > entry_.html.size()) entry_.html = value;
    } else if ((name == "description" || name == "summary") && entry_.html.empty()) {
      entry_.html = value;
    }
    text_.clear();
    return false;
  }

  void set_url(std::string_view target) {
    std::string url = mcp::resolve_uri(url_, target);
    if (url.size() <= max_url) entry_.url = std::move(url);
  }

  std::string url_;
  Feed feed_;
  FeedEntry entry_;
  std::string text_;
  bool in_entry_ = false;
  bool in_author_ = false;
};

}  // namespace

bool is_feed(std::string_view text) {
  const std::string root = root_name(text);
  return root == "rss" || root == "feed" || root == "rdf";
}

Feed parse_feed(std::string_view xml, const std::string& url) {
  return FeedReader(url).read(xml);
}

std::string to_markdown(const Feed& feed) {
  std::string out = feed.title.empty() ? std::string() : "# " + feed.title + "\n";
  for (const FeedEntry& entry : feed.entries) {
    const std::string title = entry.title.empty() ? entry.url : entry.title;
    out += "\n## " + (entry.url.empty() ? title : "[" + title + "](" + entry.url + ")") + "\n";
    std::string line = entry.published;
    if (!entry.author.empty()) line += (line.empty() ? "" : " · ") + entry.author;
    if (!line.empty()) out += "\n" + line + "\n";
    const Page page = extract_page(entry.html, entry.url, Deadline(std::chrono::milliseconds(200)));
    std::string text = page.markdown;
    if (text.size() > max_summary) {
      text = std::string(mcp::truncate_utf8(text, max_summary)) + "…";
    }
    if (!text.empty()) out += "\n" + text + "\n";
  }
  return out;
}

bool is_sitemap(std::string_view text) {
  const std::string root = root_name(text);
  return root == "urlset" || root == "sitemapindex";
}

Sitemap parse_sitemap(std::string_view xml, const std::string& url) {
  Sitemap out;
  XmlReader reader(xml);
  bool of_sitemap = false;
  std::string text;
  for (auto event = reader.next(); event != XmlReader::Event::end; event = reader.next()) {
    if (event == XmlReader::Event::text) {
      text += reader.text();
      continue;
    }
    if (event == XmlReader::Event::open) {
      if (reader.name() == "sitemap") of_sitemap = true;
      if (reader.name() == "url") of_sitemap = false;
    } else if (reader.name() == "loc") {
      auto& list = of_sitemap ? out.sitemaps : out.pages;
      const std::string target = mcp::resolve_uri(url, trimmed(text));
      if (target.starts_with("http") && target.size() <= max_url &&
          list.size() < (of_sitemap ? max_sitemaps : max_pages)) {
        list.push_back(target);
      }
    }
    text.clear();
  }
  return out;
}

}  // namespace fairlead::websearch
