#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "servers/websearch/deadline.h"

namespace fairlead::websearch {

/// An element or a text of a page. Lives as long as its tree.
struct Node {
  std::string_view name = {};  ///< of an element, in lower case; empty for a text
  std::string_view text = {};  ///< of a text
  const Node* parent = nullptr;
  std::vector<const Node*> children = {};
  std::vector<std::pair<std::string_view, std::string_view>> attributes = {};
  std::size_t number = 0;  ///< in document order; below HtmlTree::size()

  bool is_text() const { return name.empty(); }
  bool is(std::string_view tag) const { return name == tag; }
  /// Empty when there is none of that name.
  std::string_view attribute(std::string_view attribute_name) const;
  bool has_attribute(std::string_view attribute_name) const;
};

/// What parsing one page may take.
struct TreeLimits {
  std::size_t memory_bytes = std::size_t{192} << 20U;
  std::size_t nodes = 400'000;
  /// Elements within each other; what lies deeper counts as lying there.
  std::size_t depth = 160;
};

/// A page as a browser would understand it (HTML 5's parsing algorithm), without comments and
/// templates. One thread at a time.
class HtmlTree {
 public:
  /// Nothing when the page takes more memory than the limits allow, or more time than `deadline`.
  /// `html` is valid UTF-8.
  static std::optional<HtmlTree> parse(std::string_view html, const TreeLimits& limits,
                                       const Deadline& deadline);
  HtmlTree(HtmlTree&&) noexcept;
  HtmlTree& operator=(HtmlTree&&) noexcept;
  ~HtmlTree();

  /// The `html` element.
  const Node& root() const { return nodes_.front(); }
  std::size_t size() const { return nodes_.size(); }
  /// The first element of that name in document order, or nullptr.
  const Node* first(std::string_view name) const;
  const std::deque<Node>& nodes() const { return nodes_; }

 private:
  class Arena;
  HtmlTree();

  std::unique_ptr<Arena> arena_;
  std::deque<std::string> names_;  // of elements that HTML does not know
  std::deque<Node> nodes_;
};

/// All text in it, white space collapsed.
std::string text_of(const Node& node);

}  // namespace fairlead::websearch
