#pragma once

#include <vector>

#include "servers/websearch/html_tree.h"

namespace fairlead::websearch {

/// Where a page's content is.
struct MainContent {
  const Node* root = nullptr;
  std::vector<bool> left_out;  ///< by Node::number: what surrounds the content, with all below it
};

/// Finds the part of a page that it was made for, without navigation, advertisements, forms and the
/// like. It judges by what elements are for (nav, main, roles), by the words in their classes and
/// identifiers, by how much of their text is links, and by where most of the running text is; what
/// looks like an ornament but holds much of the text stays.
MainContent find_main_content(const HtmlTree& tree);

}  // namespace fairlead::websearch
