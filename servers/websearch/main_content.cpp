#include "servers/websearch/main_content.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

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
constexpr std::array<std::string_view, 56> surrounding_words{
    "ad",          "ads",      "advert",      "advertisement", "banner",         "breadcrumb",
    "breadcrumbs", "byline",   "comments",    "consent",       "cookie",         "cookies",
    "disqus",      "dropdown", "editsection", "footer",        "gdpr",           "hidden",
    "login",       "masthead", "menu",        "modal",         "mw-editsection", "nav",
    "navbar",      "navbox",   "navigation",  "newsletter",    "noprint",        "outbrain",
    "overlay",     "pager",    "pagination",  "paywall",       "popular",        "popup",
    "print",       "promo",    "promoted",    "promotion",     "recommended",    "related",
    "rss",         "share",    "sharing",     "sidebar",       "signup",         "skip",
    "social",      "sponsor",  "sponsored",   "subscribe",     "taboola",        "toc",
    "toolbar",     "widget"};
constexpr std::array<std::string_view, 24> text_blocks{
    "address", "article", "blockquote", "body",       "center",  "dd", "details", "div",
    "dl",      "dt",      "fieldset",   "figcaption", "h1",      "h2", "h3",      "h4",
    "li",      "main",    "p",          "pre",        "section", "td", "th",      "ul"};

struct Weight {
  std::size_t text = 0;   // code points outside links
  std::size_t links = 0;  // code points inside links
  std::size_t link_count = 0;
  std::size_t good = 0;  // code points outside links, in blocks of running text
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

bool has_surrounding_word(const Node& node) {
  bool found = false;
  for (const char* name : {"class", "id"}) {
    for_each_word(node.attribute(name).substr(0, 500), [&](const std::string& word) {
      found = found || among(surrounding_words, word);
    });
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
        if (running) weight.good += own;
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

  bool is_much(const Node& node) const { return of(node).good * 5 >= whole().good * 2; }

  void leave_out_by_name() {
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
          (!names_content(node) && !node.is("pre") && !node.is("code") && !is_in_code(node) &&
           has_surrounding_word(node));
      if (surrounds && !is_much(node)) left_out_[node.number] = true;
    }
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
      if (next == nullptr || next->is("p") || next->is("ul") || next->is("ol") ||
          next->is("table") || next->is("pre") || next->is("blockquote") || next->is("dl") ||
          has_heading_before(*at, *next)) {
        return *at;
      }
      at = next;
    }
  }

  // A heading right before the only text belongs to it.
  bool has_heading_before(const Node& parent, const Node& child) const {
    for (const Node* each : parent.children) {
      if (each == &child) return false;
      if (left_out_[each->number]) continue;
      if (contains_heading(*each)) return true;
    }
    return false;
  }
  bool contains_heading(const Node& node) const {
    std::vector<const Node*> waiting{&node};
    while (!waiting.empty()) {
      const Node* at = waiting.back();
      waiting.pop_back();
      if (left_out_[at->number]) continue;
      if (at->is("h1") || at->is("h2")) return true;
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
      if (!list || weight.link_count < 4 || !is_below(node, root)) continue;
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
