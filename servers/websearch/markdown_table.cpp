#include "servers/websearch/markdown_table.h"

#include <algorithm>
#include <cstdlib>

#include "servers/websearch/character.h"

namespace fairlead::websearch {
namespace {

constexpr std::size_t max_rows = 2'000;
constexpr std::size_t max_columns = 100;

std::size_t span(const Node& cell, const char* name, std::size_t most) {
  const std::string text(cell.attribute(name).substr(0, 6));
  const long value = text.empty() ? 1 : std::atol(text.c_str());
  return static_cast<std::size_t>(std::clamp(value, 1L, static_cast<long>(most)));
}

bool holds_table(const Node& node) {
  std::vector<const Node*> waiting(node.children.begin(), node.children.end());
  while (!waiting.empty()) {
    const Node& at = *waiting.back();
    waiting.pop_back();
    if (at.is("table")) return true;
    waiting.insert(waiting.end(), at.children.begin(), at.children.end());
  }
  return false;
}

class Shaper {
 public:
  explicit Shaper(const std::vector<bool>& left_out) : left_out_(left_out) {}

  TableShape shape(const Node& table) {
    const std::string role = to_lower(table.attribute("role"));
    for (const Node* child : table.children) {
      if (left_out_[child->number]) continue;
      if (child->is("caption")) shape_.captions.push_back(child);
      if (child->is("tr")) add_row(*child, false);
      if (child->is("thead") || child->is("tbody") || child->is("tfoot")) {
        for (const Node* row : child->children) {
          if (row->is("tr") && !left_out_[row->number]) add_row(*row, child->is("thead"));
        }
      }
    }
    std::size_t columns = 0;
    for (const auto& row : shape_.rows) columns = std::max(columns, row.size());
    for (auto& row : shape_.rows) row.resize(columns);
    shape_.is_data = role != "presentation" && role != "none" && columns > 1 &&
                     (shape_.rows.size() > 1 || shape_.has_header) && !holds_table(table) &&
                     !has_long_cells_;
    return std::move(shape_);
  }

 private:
  void add_row(const Node& row, bool in_head) {
    if (shape_.rows.size() >= max_rows) return;
    std::vector<TableCell> cells;
    bool only_headers = true;
    std::size_t count = 0;
    for (const Node* cell : row.children) {
      if (left_out_[cell->number] || !(cell->is("td") || cell->is("th"))) continue;
      while (cells.size() < covered_.size() && covered_[cells.size()] > 0) cover(cells);
      if (cells.size() >= max_columns) break;
      ++count;
      only_headers = only_headers && cell->is("th");
      const std::size_t width = span(*cell, "colspan", max_columns - cells.size());
      const std::size_t height = span(*cell, "rowspan", max_rows);
      for (std::size_t i = 0; i < width; ++i) {
        if (covered_.size() <= cells.size()) covered_.resize(cells.size() + 1, 0);
        covered_[cells.size()] = height - 1;
        cells.push_back({i == 0 ? cell : nullptr});
      }
      // Whole articles in cells are a page's layout of long ago.
      if (cell->children.size() > 40) has_long_cells_ = true;
    }
    while (cells.size() < covered_.size() && covered_[cells.size()] > 0) cover(cells);
    if (count == 0) return;
    if (shape_.rows.empty() && (in_head || (only_headers && count > 1))) shape_.has_header = true;
    shape_.rows.push_back(std::move(cells));
  }

  void cover(std::vector<TableCell>& cells) {
    --covered_[cells.size()];
    cells.emplace_back();
  }

  const std::vector<bool>& left_out_;
  TableShape shape_;
  std::vector<std::size_t> covered_;  // rows that a cell above still covers, by column
  bool has_long_cells_ = false;
};

}  // namespace

TableShape shape_of_table(const Node& table, const std::vector<bool>& left_out) {
  return Shaper(left_out).shape(table);
}

std::string pipe_table(const std::vector<std::vector<std::string>>& rows, bool has_header) {
  if (rows.empty()) return {};
  std::string out;
  const auto add = [&out](const std::vector<std::string>& row) {
    out += '|';
    for (const std::string& cell : row) {
      out += ' ';
      for (const char c : cell) {
        if (c == '|') out += '\\';
        out += c;
      }
      out += cell.empty() ? "|" : " |";
    }
    out += '\n';
  };
  const std::vector<std::string> nothing(rows.front().size());
  add(has_header ? rows.front() : nothing);
  for (std::size_t i = 0; i < nothing.size(); ++i) out += i == 0 ? "| --- |" : " --- |";
  out += '\n';
  for (std::size_t i = has_header ? 1 : 0; i < rows.size(); ++i) add(rows[i]);
  out.pop_back();
  return out;
}

}  // namespace fairlead::websearch
