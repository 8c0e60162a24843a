#include "servers/websearch/markdown_writer.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <mcp/base/uri.h>

#include "servers/websearch/character.h"
#include "servers/websearch/markdown_inline.h"
#include "servers/websearch/markdown_table.h"

namespace fairlead::websearch {
namespace {

constexpr std::array<std::string_view, 46> block_elements{
    "address", "article", "aside",  "blockquote", "body",  "caption", "center",   "dd",
    "details", "dialog",  "dir",    "div",        "dl",    "dt",      "fieldset", "figcaption",
    "figure",  "footer",  "form",   "h1",         "h2",    "h3",      "h4",       "h5",
    "h6",      "header",  "hgroup", "hr",         "html",  "legend",  "li",       "main",
    "menu",    "nav",     "ol",     "p",          "pre",   "section", "summary",  "table",
    "tbody",   "td",      "tfoot",  "th",         "thead", "tr"};
// Quotations and lists within each other; deeper ones are not indented further.
constexpr int max_indents = 12;

bool is_block_name(std::string_view name) {
  return name == "ul" || std::binary_search(block_elements.begin(), block_elements.end(), name);
}

std::string indented(const std::string& text, std::string_view first, std::string_view others) {
  std::string out;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line(text.data() + at, end - at);
    const std::string_view prefix = at == 0 ? first : others;
    out += line.empty() ? prefix.substr(0, prefix.find_last_not_of(' ') + 1) : prefix;
    out += line;
    if (end == text.size()) break;
    out += '\n';
    at = end + 1;
  }
  return out;
}

class Writer {
 public:
  Writer(const HtmlTree& tree, const std::vector<bool>& left_out, const WriterOptions& options,
         const Deadline& deadline)
      : left_out_(left_out),
        options_(options),
        deadline_(deadline),
        holds_block_(tree.size(), false) {
    // Children come behind their parents.
    for (auto node = tree.nodes().rbegin(); node != tree.nodes().rend(); ++node) {
      if (node->parent == nullptr || left_out_[node->number]) continue;
      if (is_block_name(node->name) || holds_block_[node->number]) {
        holds_block_[node->parent->number] = true;
      }
    }
  }

  WrittenMarkdown write(const Node& root) {
    std::string text = blocks_of(root);
    return {std::move(text), complete_};
  }

 private:
  /// The blocks of one container, as they come.
  struct Blocks {
    std::string text;
    bool tight = false;  // of a list's item: no empty lines between
    void add(const std::string& block) {
      if (block.empty()) return;
      if (!text.empty()) text += tight ? "\n" : "\n\n";
      text += block;
    }
  };

  bool goes_on() {
    if (!complete_) return false;
    if (written_ > options_.max_bytes || (++steps_ % 1024 == 0 && deadline_.passed())) {
      complete_ = false;
    }
    return complete_;
  }

  bool is_block(const Node& node) const {
    return is_block_name(node.name) || holds_block_[node.number];
  }

  std::string blocks_of(const Node& node) {
    Blocks blocks;
    InlineText run(options_.markup);
    add_children(node, blocks, run);
    flush(blocks, run);
    return std::move(blocks.text);
  }

  void flush(Blocks& blocks, InlineText& run) {
    std::string paragraph = run.paragraph();
    written_ += paragraph.size();
    if (!paragraph.empty() && !link_.empty() && options_.markup) {
      // A card: the link around several blocks goes to the first one that has a text.
      InlineText inner(true);
      inner.raw(paragraph);
      InlineText outer(true);
      outer.link(inner, link_);
      link_.clear();
      paragraph = outer.markdown();
    }
    blocks.add(paragraph);
    run = InlineText(options_.markup);
  }

  void add_children(const Node& node, Blocks& blocks, InlineText& run) {
    for (const Node* child : node.children) {
      if (!goes_on()) return;
      if (left_out_[child->number]) continue;
      if (is_block(*child)) {
        flush(blocks, run);
        add_block(*child, blocks);
      } else {
        add_inline(*child, run);
      }
    }
  }

  void add_block(const Node& node, Blocks& blocks) {
    const std::string_view name = node.name;
    if (name.size() == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6') {
      add_heading(node, name[1] - '0', blocks);
    } else if (name == "pre") {
      blocks.add(code_block(node));
    } else if (name == "ul" || name == "ol" || name == "menu" || name == "dir") {
      add_list(node, blocks);
    } else if (name == "blockquote") {
      const std::string inner = nested(node);
      if (!inner.empty()) blocks.add(options_.markup ? indented(inner, "> ", "> ") : inner);
    } else if (name == "table") {
      add_table(node, blocks);
    } else if (name == "hr") {
      if (options_.markup) blocks.add("---");
    } else if (name == "dt") {
      blocks.add(marked_line("**", node));
    } else if (name == "dd") {
      const std::string inner = nested(node);
      if (!inner.empty()) blocks.add(options_.markup ? indented(inner, ": ", "  ") : inner);
    } else if (name == "figcaption" || name == "caption") {
      blocks.add(marked_line("*", node));
    } else if (name == "summary" || name == "legend") {
      blocks.add(marked_line("**", node));
    } else if (name == "li") {
      blocks.add(nested(node));
    } else {
      const std::string link = name == "a" ? link_of(node) : std::string();
      if (!link.empty()) link_ = link;
      InlineText run(options_.markup);
      add_children(node, blocks, run);
      flush(blocks, run);
      if (!link.empty()) link_.clear();
    }
  }

  std::string nested(const Node& node) {
    ++indents_;
    std::string inner = blocks_of(node);
    --indents_;
    return inner;
  }

  std::string marked_line(std::string_view mark, const Node& node) {
    InlineText inner(options_.markup);
    add_all_inline(node, inner);
    InlineText out(options_.markup);
    out.marked(mark, inner);
    written_ += out.markdown().size();
    return out.paragraph();
  }

  void add_heading(const Node& node, int level, Blocks& blocks) {
    InlineText run(options_.markup);
    add_all_inline(node, run);
    std::string line = run.markdown();
    std::replace(line.begin(), line.end(), '\n', ' ');
    line = collapsed(line);
    if (line.empty()) return;
    if (!link_.empty() && options_.markup) {
      InlineText inner(true);
      inner.raw(line);
      InlineText outer(true);
      outer.link(inner, link_);
      link_.clear();
      line = outer.markdown();
    }
    written_ += line.size();
    const std::string marks(static_cast<std::size_t>(level), '#');
    blocks.add(options_.markup ? marks + " " + line : line);
  }

  void add_list(const Node& list, Blocks& blocks) {
    const bool counts = list.is("ol");
    int number = 1;
    if (const auto start = list.attribute("start"); counts && !start.empty() && start.size() < 7) {
      number = std::atoi(std::string(start).c_str());
    }
    Blocks items{.text = {}, .tight = true};
    ++indents_;
    for (const Node* child : list.children) {
      if (!goes_on()) break;
      if (left_out_[child->number] || (child->is_text() && trimmed(child->text).empty())) continue;
      Blocks inner{.text = {}, .tight = is_tight(*child)};
      InlineText run(options_.markup);
      if (child->is("li")) {
        add_children(*child, inner, run);
      } else if (is_block(*child)) {
        add_block(*child, inner);
      } else {
        add_inline(*child, run);
      }
      flush(inner, run);
      if (inner.text.empty()) continue;
      if (!options_.markup || indents_ > max_indents) {
        items.add(inner.text);
        continue;
      }
      const std::string mark = counts ? std::to_string(number) + ". " : "- ";
      ++number;
      // A list that lies in a list directly continues the item before it.
      const bool continues = !child->is("li") && (child->is("ul") || child->is("ol"));
      items.add(indented(inner.text, continues ? "  " : mark, std::string(mark.size(), ' ')));
    }
    --indents_;
    blocks.add(items.text);
  }

  // An item is tight when it is a text and perhaps a list.
  static bool is_tight(const Node& item) {
    std::size_t paragraphs = 0;
    for (const Node* child : item.children) {
      if (child->is("p") || child->is("pre") || child->is("blockquote") || child->is("table")) {
        ++paragraphs;
      }
    }
    return paragraphs <= 1 && std::none_of(item.children.begin(), item.children.end(),
                                           [](const Node* child) { return child->is("pre"); });
  }

  void add_table(const Node& table, Blocks& blocks) {
    const TableShape shape = shape_of_table(table, left_out_);
    for (const Node* caption : shape.captions) blocks.add(marked_line("*", *caption));
    if (!shape.is_data || !options_.markup) {
      for (const auto& row : shape.rows) {
        if (options_.markup || !shape.is_data) {
          for (const TableCell& cell : row) {
            if (cell.node != nullptr) blocks.add(nested(*cell.node));
          }
          continue;
        }
        std::string line;
        for (const TableCell& cell : row) {
          if (cell.node == nullptr) continue;
          const std::string text = cell_text(*cell.node);
          if (!text.empty()) line += (line.empty() ? "" : " ") + text;
        }
        blocks.add(line);
      }
      return;
    }
    std::vector<std::vector<std::string>> rows;
    for (const auto& row : shape.rows) {
      rows.emplace_back();
      for (const TableCell& cell : row) {
        rows.back().push_back(cell.node == nullptr ? std::string() : cell_text(*cell.node));
      }
    }
    blocks.add(pipe_table(rows, shape.has_header));
  }

  // A cell is one line, whatever is in it.
  std::string cell_text(const Node& cell) {
    std::string text = holds_block_[cell.number] ? nested(cell) : std::string();
    if (!holds_block_[cell.number]) {
      InlineText run(options_.markup);
      add_all_inline(cell, run);
      text = run.markdown();
    }
    written_ += text.size();
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      const std::string_view line = trimmed(std::string_view(text).substr(at, end - at));
      if (!line.empty()) {
        out += (out.empty() ? "" : options_.markup ? "<br>" : " ") + std::string(line);
      }
      at = end + 1;
    }
    return out;
  }

  void code_text(const Node& node, std::string& out) {
    for (const Node* child : node.children) {
      if (left_out_[child->number] && !child->is("button")) continue;
      if (child->is_text()) {
        out += child->text;
      } else if (child->is("br")) {
        out += '\n';
      } else if (!child->is("button")) {
        code_text(*child, out);
        // Some pages make a line of each block.
        if ((child->is("div") || child->is("p")) && !out.ends_with("\n")) out += '\n';
      }
    }
  }

  static std::string language_of(const Node& node) {
    for (const char* prefix : {"language-", "lang-", "highlight-source-", "brush:"}) {
      std::string_view classes = node.attribute("class");
      while (!classes.empty()) {
        const std::string_view word = classes.substr(0, classes.find(' '));
        classes.remove_prefix(std::min(word.size() + 1, classes.size()));
        if (!word.starts_with(prefix)) continue;
        std::string language(word.substr(std::string_view(prefix).size(), 30));
        std::erase_if(language, [](char c) {
          return !is_letter(c) && !is_digit(c) && c != '+' && c != '#' && c != '-';
        });
        if (!language.empty()) return language;
      }
    }
    return {};
  }

  std::string code_block(const Node& pre) {
    std::string code;
    code_text(pre, code);
    while (code.ends_with("\n") || code.ends_with(" ")) code.pop_back();
    if (code.starts_with("\n")) code.erase(0, 1);
    if (code.empty()) return {};
    written_ += code.size();
    if (!options_.markup) return code;
    std::string language = language_of(pre);
    if (language.empty()) {
      for (const Node* child : pre.children) {
        if (language.empty() && child->is("code")) language = language_of(*child);
      }
    }
    // Highlighters put the language on what is around.
    const Node* around = pre.parent;
    for (int i = 0; i < 2 && language.empty() && around != nullptr; ++i, around = around->parent) {
      language = language_of(*around);
    }
    std::size_t fence = 3;
    std::size_t run = 0;
    for (const char c : code) {
      run = c == '`' ? run + 1 : 0;
      fence = std::max(fence, run + 1);
    }
    const std::string marks(fence, '`');
    return marks + language + "\n" + code + "\n" + marks;
  }

  void add_all_inline(const Node& node, InlineText& run) {
    for (const Node* child : node.children) {
      if (!goes_on()) return;
      if (!left_out_[child->number]) add_inline(*child, run);
    }
  }

  void add_inline(const Node& node, InlineText& run) {
    const std::string_view name = node.name;
    if (node.is_text()) {
      run.text(node.text);
      return;
    }
    if (name == "br") return run.line_break();
    if (name == "wbr") return;
    if (name == "img") return add_image(node, run);
    if (name == "svg") return;
    if (name == "math") return add_math(node, run);
    if (name == "code" || name == "kbd" || name == "samp" || name == "tt") {
      return run.code(text_with_spaces(node));
    }
    InlineText inner(options_.markup);
    add_all_inline(node, inner);
    if (name == "a") {
      run.link(inner, link_of(node));
    } else if (name == "b" || name == "strong") {
      run.marked("**", inner);
    } else if (name == "i" || name == "em" || name == "cite" || name == "dfn" || name == "var") {
      run.marked("*", inner);
    } else if (name == "del" || name == "s" || name == "strike") {
      run.marked("~~", inner);
    } else {
      const bool apart = is_block_name(name) || name == "rt";
      if (apart) run.text(" ");
      run.marked("", inner);
      if (apart) run.text(" ");
    }
  }

  static std::string text_with_spaces(const Node& node) {
    std::string text;
    std::vector<const Node*> waiting{&node};
    while (!waiting.empty()) {
      const Node& at = *waiting.back();
      waiting.pop_back();
      text += at.text;
      waiting.insert(waiting.end(), at.children.rbegin(), at.children.rend());
    }
    return text;
  }

  // TeX as the page's author wrote it, when it is there.
  void add_math(const Node& math, InlineText& run) {
    std::vector<const Node*> waiting{&math};
    while (!waiting.empty()) {
      const Node& at = *waiting.back();
      waiting.pop_back();
      if (at.is("annotation") && at.attribute("encoding") == "application/x-tex") {
        const std::string tex = collapsed(text_of(at));
        return run.raw(options_.markup ? "$" + tex + "$" : tex);
      }
      waiting.insert(waiting.end(), at.children.begin(), at.children.end());
    }
    run.text(text_of(math));
  }

  std::string link_of(const Node& anchor) const {
    const auto target = trimmed(anchor.attribute("href"));
    if (target.empty() || target.front() == '#' || target.size() > 2'000) return {};
    std::string url = absolute(target);
    for (const char* scheme : {"http://", "https://", "mailto:", "ftp://"}) {
      if (url.starts_with(scheme)) return url;
    }
    return {};
  }

  std::string absolute(std::string_view reference) const {
    std::string clean;
    for (const char c : reference) {
      if (c == '\n' || c == '\r' || c == '\t') continue;
      if (static_cast<unsigned char>(c) <= 0x20 || c == '"' || c == '<' || c == '>') {
        clean += mcp::percent_encode(std::string_view(&c, 1));
      } else {
        clean += c;
      }
    }
    return options_.base.empty() ? clean : mcp::resolve_uri(options_.base, clean);
  }

  void add_image(const Node& image, InlineText& run) {
    if (!options_.markup) return;
    std::string alternative = collapsed(image.attribute("alt"));
    if (alternative.empty()) alternative = collapsed(image.attribute("title"));
    std::string_view source = trimmed(image.attribute("src"));
    // Pages that load pictures late keep their address elsewhere.
    for (const char* name : {"data-src", "data-original", "data-lazy-src"}) {
      if (!source.empty() && !source.starts_with("data:")) break;
      source = trimmed(image.attribute(name));
    }
    if (source.empty() || source.starts_with("data:") || source.size() > 2'000) {
      if (!alternative.empty()) run.text(alternative);
      return;
    }
    // Without words it is an ornament to a model, and often a counter of readers.
    if (alternative.empty()) return;
    std::erase_if(alternative, [](char c) { return c == '[' || c == ']'; });
    const std::string url = absolute(source);
    if (!url.starts_with("http")) return run.text(alternative);
    const bool wild = url.find_first_of("() <>") != std::string::npos;
    run.raw("![" + alternative + "](" + (wild ? "<" + url + ">" : url) + ")");
  }

  const std::vector<bool>& left_out_;
  const WriterOptions& options_;
  const Deadline& deadline_;
  std::vector<bool> holds_block_;
  std::string link_;  // around the blocks that are written, until one takes it
  std::size_t written_ = 0;
  std::size_t steps_ = 0;
  int indents_ = 0;
  bool complete_ = true;
};

}  // namespace

WrittenMarkdown write_markdown(const HtmlTree& tree, const Node& root,
                               const std::vector<bool>& left_out, const WriterOptions& options,
                               const Deadline& deadline) {
  return Writer(tree, left_out, options, deadline).write(root);
}

}  // namespace fairlead::websearch
