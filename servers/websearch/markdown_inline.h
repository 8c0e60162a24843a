#pragma once

#include <string>
#include <string_view>

namespace fairlead::websearch {

/// A run of text as a paragraph holds it, with its marks.
class InlineText {
 public:
  explicit InlineText(bool markup) : markup_(markup) {}

  /// Text of the page: white space collapses, marks are escaped.
  void text(std::string_view words);
  /// What is Markdown already; `words` outside of it count as neighbours.
  void raw(std::string_view markdown);
  void line_break();
  /// Puts `mark` around `inner`, and its outer spaces outside: `**bold** text`.
  void marked(std::string_view mark, const InlineText& inner);
  void code(std::string_view text);
  void link(const InlineText& inner, const std::string& url);

  bool empty() const { return out_.empty(); }
  const std::string& markdown() const { return out_; }
  /// As a paragraph: nothing at its start or line starts reads as a heading, list or quotation.
  std::string paragraph() const;

 private:
  void space();

  bool markup_;
  std::string out_;
  bool space_waits_ = false;  // a space came, and nothing behind it yet
  bool starts_with_space_ = false;
};

}  // namespace fairlead::websearch
