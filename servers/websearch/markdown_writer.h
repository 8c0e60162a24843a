#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "servers/websearch/deadline.h"
#include "servers/websearch/html_tree.h"

namespace fairlead::websearch {

struct WriterOptions {
  std::string base = {};  ///< links and pictures are seen from here
  bool markup = true;     ///< false: the text alone, without marks, links and pictures
  std::size_t max_bytes = std::size_t{4} << 20U;
};

struct WrittenMarkdown {
  std::string text;
  bool complete = true;  ///< false when bytes or time were over before the end
};

/// Writes `root` and what is below it as GitHub-flavoured Markdown: headings, paragraphs, nested
/// lists, tables, fenced code with its language, quotations, links, pictures with their alternative
/// text. Text that Markdown would read as marks is escaped. `left_out`: by Node::number.
WrittenMarkdown write_markdown(const HtmlTree& tree, const Node& root,
                               const std::vector<bool>& left_out, const WriterOptions& options,
                               const Deadline& deadline);

}  // namespace fairlead::websearch
