#include "servers/websearch/main_content.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "servers/websearch/character.h"

namespace fairlead::websearch {
namespace {

template <std::size_t N>
bool among(const std::array<std::string_view, N>& sorted, std::string_view word) {
  return std::binary_search(sorted.begin(), sorted.end(), word);
}

// Never content. All lists here are sorted.
constexpr std::array<std::string_view, 22> never{
    "applet", "audio",  "base",  "button",   "canvas",   "datalist", "embed",  "head",
    "iframe", "input",  "link",  "map",      "meta",     "noscript", "object", "param",
    "script", "select", "style", "template", "textarea", "video"};
constexpr std::array<std::string_view, 9> surrounding_roles{
    "alert",  "alertdialog", "banner",     "complementary", "contentinfo",
    "dialog", "menubar",     "navigation", "search"};
// Words in classes and identifiers of what surrounds content.
constexpr std::array<std::string_view, 58> surrounding_words{
    "ad",          "ads",      "advert",      "advertisement", "banner",         "breadcrumb",
    "breadcrumbs", "byline",   "comments",    "consent",       "cookie",         "cookies",
    "disqus",      "dropdown", "editsection", "footer",        "gdpr",           "hidden",
    "login",       "masthead", "menu",        "modal",         "mw-editsection", "nav",
    "navbar",      "navbox",   "navigation",  "newsletter",    "noprint",        "outbrain",
    "overlay",     "pager",    "pagination",  "paywall",       "popular",        "popup",
    "print",       "promo",    "promoted",    "promotion",     "rail",           "recommended",
    "related",     "rss",      "share",       "sharing",       "sidebar",        "signup",
    "skip",        "social",   "sponsor",     "sponsored",     "subscribe",      "taboola",
    "toc",         "toolbar",  "trending",    "widget"};
// Of these, what the block itself is, not what it stands beside: "with-sidebar" may be everything.
constexpr std::array<std::string_view, 9> surrounding_kinds{"comments", "disqus",    "outbrain",
                                                            "popular",  "promo",     "recommended",
                                                            "related",  "sponsored", "taboola"};
// So much running text beside a block that says what it is, and it is not the content.
constexpr std::size_t enough_text = 600;
constexpr std::array<std::string_view, 24> text_blocks{
    "address", "article", "blockquote", "body",       "center",  "dd", "details", "div",
    "dl",      "dt",      "fieldset",   "figcaption", "h1",      "h2", "h3",      "h4",
    "li",      "main",    "p",          "pre",        "section", "td", "th",      "ul"};

constexpr std::array<std::string_view, 5> containers{"a", "article", "div", "li", "section"};

struct Weight {
  std::size_t text = 0;   // code points outside links
  std::size_t links = 0;  // code points inside links
  std::size_t link_count = 0;
  std::size_t good = 0;      // code points outside links, in blocks of running text
  std::size_t own_good = 0;  // of these, the block's own
};

std::size_t visible_length(std::string_view text) {
  std::size_t length = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_space(c) || (byte & 0xC0U) == 0x80U) continue;
    // A character of three bytes and more is a syllable or a word.
    length += byte >= 0xE0U ? 3 : 1;
  }
  return length;
}

bool is_hidden(const Node& node) {
  if (node.has_attribute("hidden")) return node.attribute("hidden") != "until-found";
  if (equals_ignoring_case(node.attribute("aria-hidden"), "true")) return true;
  const auto style = node.attribute("style");
  if (style.empty()) return false;
  std::string compact = to_lower(style.substr(0, 2'000));
  std::erase_if(compact, is_space);
  return compact.find("display:none") != std::string::npos ||
         compact.find("visibility:hidden") != std::string::npos ||
         compact.find("font-size:0;") != std::string::npos || compact.ends_with("font-size:0");
}

/// Calls `see` with each word of a class list: "article-sidebar" has "article" and "sidebar".
template <typename See>
void for_each_word(std::string_view text, const See& see) {
  std::string word;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ' ';
    const bool goes_on = is_letter(c) || is_digit(c);
    const bool hump =
        c >= 'A' && c <= 'Z' && !word.empty() && i > 0 && text[i - 1] >= 'a' && text[i - 1] <= 'z';
    if (!goes_on || hump) {
      if (!word.empty()) see(word);
      word.clear();
    }
    if (goes_on) word += to_lower(c);
    if (word.size() > 64) word.clear();
  }
}

template <std::size_t N>
bool is_named(const Node& node, const std::array<std::string_view, N>& words) {
  bool found = false;
  for (const char* name : {"class", "id"}) {
    for_each_word(node.attribute(name).substr(0, 500),
                  [&](const std::string& word) { found = found || among(words, word); });
  }
  return found;
}

bool names_content(const Node& node) {
  return node.is("main") || node.is("article") ||
         equals_ignoring_case(node.attribute("role"), "main") ||
         equals_ignoring_case(node.attribute("itemprop"), "articlebody");
}

class Finder {
 public:
  explicit Finder(const HtmlTree& tree)
      : tree_(tree), weights_(tree.size()), left_out_(tree.size(), false) {}

  MainContent find() {
    leave_out_certain();
    weigh();
    leave_out_by_name();
    weigh();
    leave_out_teasers();
    weigh();
    const Node* root = &choose_root();
    leave_out_link_lists(*root);
    return {root, std::move(left_out_)};
  }

 private:
  const Weight& of(const Node& node) const { return weights_[node.number]; }
  const Weight& whole() const { return weights_.front(); }

  void leave_out_certain() {
    for (const Node& node : tree_.nodes()) {
      if (node.parent != nullptr && left_out_[node.parent->number]) {
        left_out_[node.number] = true;
        continue;
      }
      if (node.is_text() || node.parent == nullptr) continue;
      left_out_[node.number] = among(never, node.name) || is_hidden(node);
    }
  }

  // Nodes are numbered in document order: parents before their children.
  void weigh() {
    std::fill(weights_.begin(), weights_.end(), Weight{});
    std::vector<bool> in_link(tree_.size(), false);
    for (const Node& node : tree_.nodes()) {
      in_link[node.number] = (node.parent != nullptr && in_link[node.parent->number]) ||
                             (node.is("a") && node.has_attribute("href"));
      if (left_out_[node.number]) continue;
      Weight& weight = weights_[node.number];
      if (node.is("a") && node.has_attribute("href")) weight.link_count = 1;
      if (node.is_text()) {
        (in_link[node.number] ? weight.links : weight.text) = visible_length(node.text);
      }
    }
    for (auto node = tree_.nodes().rbegin(); node != tree_.nodes().rend(); ++node) {
      Weight& weight = weights_[node->number];
      // A block's own text: what no block inside it has claimed.
      if (among(text_blocks, node->name)) {
        const std::size_t own = weight.text - std::min(weight.text, claimed(*node));
        const bool running =
            own >= (node->is("p") || node->is("pre") ? 10U : 25U) && own * 2 >= weight.links;
        if (running) weight.own_good = own;
        weight.good += weight.own_good;
      }
      if (node->parent == nullptr) continue;
      Weight& parent = weights_[node->parent->number];
      parent.text += weight.text;
      parent.links += weight.links;
      parent.link_count += weight.link_count;
      parent.good += weight.good;
    }
  }

  // Text in blocks below `node`, as far as they are its own or of its inline elements.
  std::size_t claimed(const Node& node) const {
    std::size_t sum = 0;
    for (const Node* child : node.children) {
      if (left_out_[child->number] || child->is_text()) continue;
      sum += among(text_blocks, child->name) || of(*child).good > 0 ? of(*child).text : 0;
    }
    return sum;
  }

  // What is named like an ornament and holds much of the text: of a forum, its comments are the
  // content, of an article they are not.
  bool is_content(const Node& node, std::size_t remaining) const {
    if (of(node).good * 5 < whole().good * 2) return false;
    return remaining - of(node).good < enough_text || contains(node, {"h1"}) ||
           !is_named(node, surrounding_kinds);
  }

  void leave_out_by_name() {
    std::size_t remaining = whole().good;
    for (const Node& node : tree_.nodes()) {
      if (node.parent != nullptr && left_out_[node.parent->number]) {
        left_out_[node.number] = true;
        continue;
      }
      if (left_out_[node.number] || node.is_text() || node.parent == nullptr) continue;
      if (node.is("body") || node.is("html")) continue;
      const auto role = to_lower(node.attribute("role"));
      const bool surrounds =
          node.is("nav") || node.is("dialog") || among(surrounding_roles, role) ||
          (node.is("footer") && !is_quoted(node)) || (node.is("aside") && !is_note(node)) ||
          (node.is("header") && !is_inside_content(node)) ||
          (node.is("form") && asks_for_text(node)) ||
          (!names_content(node) && !node.is("pre") && !node.is("code") && !is_in_code(node) &&
           is_named(node, surrounding_words));
      if (!surrounds || is_content(node, remaining)) continue;
      left_out_[node.number] = true;
      remaining -= of(node).good;
    }
  }

  // A reply, a subscription, a login.
  static bool asks_for_text(const Node& form) {
    return any_below(form, [](const Node& node) {
      if (!node.is("input")) return node.is("textarea");
      const auto type = to_lower(node.attribute("type"));
      return type.empty() || type == "text" || type == "email" || type == "password";
    });
  }

  // What follows an article to lead on to others: blocks alike, each of them hardly more than a
  // picture or a heading that is a link to another page.
  void leave_out_teasers() {
    std::vector<bool> in_teaser(tree_.size(), false);
    for (const Node& node : tree_.nodes()) {
      if (node.parent != nullptr && in_teaser[node.parent->number]) in_teaser[node.number] = true;
      if (left_out_[node.number] || in_teaser[node.number] || node.children.size() < 3) continue;
      std::map<std::pair<std::string_view, std::string_view>, std::vector<const Node*>> alike;
      for (const Node* child : node.children) {
        if (!among(containers, child->name) || left_out_[child->number]) continue;
        alike[{child->name, first_word(child->attribute("class"))}].push_back(child);
      }
      for (const auto& [kind, blocks] : alike) {
        if (blocks.size() < 3) continue;
        const auto count = std::count_if(blocks.begin(), blocks.end(),
                                         [this](const Node* block) { return is_teaser(*block); });
        if (static_cast<std::size_t>(count) * 5 < blocks.size() * 4) continue;
        for (const Node* block : blocks) in_teaser[block->number] = true;
      }
    }
    // Running text counts where much of it stands side by side: teasers have some, each its own.
    std::vector<std::size_t> side_by_side(tree_.size(), 0);
    bool article_before = false;
    for (const Node& node : tree_.nodes()) {
      if (node.parent != nullptr && left_out_[node.parent->number]) left_out_[node.number] = true;
      if (in_teaser[node.number]) {
        // Of a page that begins with them they are the content.
        const bool first = node.parent == nullptr || !in_teaser[node.parent->number];
        if (first && article_before) left_out_[node.number] = true;
      } else if (!left_out_[node.number] && of(node).own_good > 0) {
        const Node& place = node.is("p") && node.parent != nullptr ? *node.parent : node;
        side_by_side[place.number] += of(node).own_good;
        article_before = article_before || side_by_side[place.number] >= enough_text;
      }
    }
  }

  bool is_teaser(const Node& block) const {
    if (of(block).good > enough_text || of(block).link_count == 0) return false;
    return any_below(block, [this, &block](const Node& node) {
      if (!node.is("a") || !node.has_attribute("href")) return false;
      if (trimmed(node.attribute("href")).starts_with("#")) return false;
      for (const Node* at = node.parent; at != &block; at = at->parent) {
        if (is_heading(*at)) return of(*at).links > of(*at).text * 4;
      }
      return any_below(node, [](const Node& each) { return each.is("img") || is_heading(each); });
    });
  }
  static bool is_heading(const Node& node) {
    return node.name.size() == 2 && node.name[0] == 'h' && is_digit(node.name[1]);
  }
  static std::string_view first_word(std::string_view text) {
    text = trimmed(text);
    return text.substr(0, text.find_first_of(" \t\n"));
  }
  // Of the first thousand: what is larger is none of what is looked for, and would be looked
  // through again for each block around it.
  template <typename Wanted>
  static bool any_below(const Node& node, const Wanted& wanted) {
    std::vector<const Node*> waiting(node.children.begin(), node.children.end());
    for (int seen = 0; !waiting.empty() && seen < 1'000; ++seen) {
      const Node* at = waiting.back();
      waiting.pop_back();
      if (wanted(*at)) return true;
      waiting.insert(waiting.end(), at->children.begin(), at->children.end());
    }
    return false;
  }

  static bool is_in_code(const Node& node) {
    for (const Node* at = node.parent; at != nullptr; at = at->parent) {
      if (at->is("pre")) return true;
    }
    return false;
  }
  static bool is_quoted(const Node& node) {
    return node.parent != nullptr && node.parent->is("blockquote");
  }
  // Documentation marks its warnings so.
  static bool is_note(const Node& node) {
    bool note = false;
    for_each_word(node.attribute("class").substr(0, 500), [&](const std::string& word) {
      note = note || word == "note" || word == "warning" || word == "tip" || word == "admonition" ||
             word == "callout" || word == "caution" || word == "important";
    });
    return note || equals_ignoring_case(node.attribute("role"), "note");
  }
  static bool is_inside_content(const Node& node) {
    for (const Node* at = node.parent; at != nullptr; at = at->parent) {
      if (names_content(*at)) return true;
    }
    return false;
  }

  const Node& choose_root() const {
    const Node* body = tree_.first("body");
    const Node* at = body == nullptr ? &tree_.root() : body;
    // What the page itself calls its content, when most of the text is there.
    const Node* named = nullptr;
    for (const Node& node : tree_.nodes()) {
      if (left_out_[node.number] || !names_content(node)) continue;
      if (of(node).good * 2 < of(*at).good || of(node).good == 0) continue;
      if (named == nullptr || is_below(node, *named)) named = &node;
    }
    if (named != nullptr) at = named;
    // Down to where the text is, as long as nearly all of it is in one place.
    for (;;) {
      const Node* next = nullptr;
      for (const Node* child : at->children) {
        if (left_out_[child->number] || child->is_text()) continue;
        if (of(*child).good * 10 >= of(*at).good * 9 && of(*child).good > 0) next = child;
      }
      if (next == nullptr || has_heading_before(*at, *next)) return *at;
      if (next->is("table")) next = cell_with_all(*next);
      if (next == nullptr || next->is("p") || next->is("ul") || next->is("ol") || next->is("pre") ||
          next->is("blockquote") || next->is("dl")) {
        return *at;
      }
      at = next;
    }
  }

  // A table that lays a page out: nearly all of its text is in one cell, and in blocks there.
  const Node* cell_with_all(const Node& table) const {
    // A page of links has a word of running text somewhere, too.
    if (whole().good < whole().links) return nullptr;
    const Node* at = &table;
    while (!at->is("td")) {
      const Node* next = nullptr;
      for (const Node* child : at->children) {
        if (left_out_[child->number] || child->is_text()) continue;
        if (of(*child).good * 10 >= of(table).good * 9) next = child;
      }
      if (next == nullptr) return nullptr;
      at = next;
    }
    std::size_t blocks = 0;
    for (const Node* child : at->children) {
      if (!child->is_text() && of(*child).good > 0) ++blocks;
    }
    return blocks > 1 || (blocks == 1 && !at->children.front()->is("p")) ? at : nullptr;
  }

  // A heading right before the only text belongs to it.
  bool has_heading_before(const Node& parent, const Node& child) const {
    for (const Node* each : parent.children) {
      if (each == &child) return false;
      if (left_out_[each->number]) continue;
      if (contains(*each, {"h1", "h2"})) return true;
    }
    return false;
  }
  bool contains(const Node& node, std::initializer_list<std::string_view> names) const {
    std::vector<const Node*> waiting{&node};
    while (!waiting.empty()) {
      const Node* at = waiting.back();
      waiting.pop_back();
      if (left_out_[at->number]) continue;
      if (std::find(names.begin(), names.end(), at->name) != names.end()) return true;
      waiting.insert(waiting.end(), at->children.begin(), at->children.end());
    }
    return false;
  }
  static bool is_below(const Node& node, const Node& above) {
    for (const Node* at = node.parent; at != nullptr; at = at->parent) {
      if (at == &above) return true;
    }
    return false;
  }

  // Menus that say of themselves nothing: many links, and hardly anything else.
  void leave_out_link_lists(const Node& root) {
    const std::size_t good = of(root).good;
    for (const Node& node : tree_.nodes()) {
      if (node.parent != nullptr && left_out_[node.parent->number]) {
        left_out_[node.number] = true;
        continue;
      }
      if (left_out_[node.number] || node.is_text() || &node == &root) continue;
      const bool list = node.is("ul") || node.is("ol") || node.is("div") || node.is("section");
      const Weight& weight = of(node);
      const std::size_t least = weight.text == 0 && !contains(node, {"li"}) ? 2 : 4;
      if (!list || weight.link_count < least || !is_below(node, root)) continue;
      const bool menu = weight.links > weight.text * 4 && weight.good == 0;
      // Of a page that is a list of links, they are the content.
      if (menu && good > 400 && weight.links * 3 < good) left_out_[node.number] = true;
    }
  }

  const HtmlTree& tree_;
  std::vector<Weight> weights_;
  std::vector<bool> left_out_;
};

}  // namespace

MainContent find_main_content(const HtmlTree& tree) {
  return Finder(tree).find();
}

}  // namespace fairlead::websearch
