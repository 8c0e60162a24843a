#include "servers/websearch/page.h"

#include <set>

#include <mcp/base/uri.h>

#include "servers/websearch/character.h"
#include "servers/websearch/main_content.h"
#include "servers/websearch/markdown_writer.h"
#include "servers/websearch/metadata.h"

namespace fairlead::websearch {
namespace {

std::string base_of(const HtmlTree& tree, const std::string& url) {
  const Node* base = tree.first("base");
  const auto target = base == nullptr ? std::string_view{} : trimmed(base->attribute("href"));
  if (target.empty() || target.size() > 2'000) return url;
  std::string resolved = mcp::resolve_uri(url, target);
  return resolved.starts_with("http") ? resolved : url;
}

std::vector<Link> links_of(const HtmlTree& tree, const std::string& base, std::size_t most) {
  std::vector<Link> links;
  std::set<std::string, std::less<>> known;
  for (const Node& node : tree.nodes()) {
    if (links.size() >= most) break;
    if (!node.is("a") && !node.is("area")) continue;
    const auto target = trimmed(node.attribute("href"));
    if (target.empty() || target.front() == '#' || target.size() > 2'000) continue;
    std::string url = mcp::resolve_uri(base, target);
    url.resize(std::min(url.find('#'), url.size()));
    if (!url.starts_with("http://") && !url.starts_with("https://")) continue;
    if (known.insert(url).second) links.push_back({std::move(url), text_of(node).substr(0, 300)});
  }
  return links;
}

// For a page that no parser should see: what is between tags.
std::string without_tags(std::string_view html) {
  std::string out;
  while (!html.empty()) {
    const std::size_t open = std::min(html.find('<'), html.size());
    out += html.substr(0, open);
    html.remove_prefix(open);
    const std::size_t close = html.find('>');
    if (close == std::string_view::npos) break;
    html.remove_prefix(close + 1);
    out += ' ';
  }
  return collapsed(out);
}

std::size_t word_bytes(const std::string& text) {
  std::size_t count = 0;
  for (const char c : text) count += is_space(c) ? 0 : 1;
  return count;
}

}  // namespace

Page extract_page(std::string_view html, const std::string& url, const Deadline& deadline,
                  const ExtractionLimits& limits) {
  Page page;
  // The parser has its own share of the time, so that what it can't do may be done roughly.
  const auto parsing = std::min(deadline.left(), std::chrono::milliseconds(4'000)) / 2;
  auto tree = HtmlTree::parse(html, limits.tree, Deadline(parsing, deadline.stop()));
  deadline.check();
  if (!tree) {
    page.markdown = page.text = without_tags(html);
    page.note = "The page is too tangled to be taken apart: this is its text without its form.";
    return page;
  }
  const std::string base = base_of(*tree, url);
  auto found = find_metadata(*tree, base);
  page.metadata = std::move(found.metadata);
  page.links = links_of(*tree, base, limits.links);
  const MainContent content = find_main_content(*tree);
  auto written =
      write_markdown(*tree, *content.root, content.left_out,
                     {.base = base, .markup = true, .max_bytes = limits.markdown_bytes}, deadline);
  page.markdown = std::move(written.text);
  page.text = write_markdown(*tree, *content.root, content.left_out,
                             {.markup = false, .max_bytes = limits.markdown_bytes}, deadline)
                  .text;
  if (!written.complete) page.note = "The page is longer than what was read of it.";
  if (found.article.size() > 200 && word_bytes(found.article) > word_bytes(page.text) * 3 / 2) {
    page.text = page.markdown = std::move(found.article);
    page.note = "The text is from the page's data for search engines: the page itself shows less.";
  }
  deadline.check();
  return page;
}

}  // namespace fairlead::websearch
