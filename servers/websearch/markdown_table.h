#pragma once

#include <string>
#include <vector>

#include "servers/websearch/html_tree.h"

namespace fairlead::websearch {

struct TableCell {
  const Node* node = nullptr;  ///< null: covered by a cell that spans several places
};

/// A table's cells in their places.
struct TableShape {
  std::vector<const Node*> captions;
  std::vector<std::vector<TableCell>> rows;
  bool has_header = false;
  /// False: it only puts things side by side on the page.
  bool is_data = false;
};

/// At most 2,000 rows and 100 columns; what lies beyond is dropped.
TableShape shape_of_table(const Node& table, const std::vector<bool>& left_out);

/// GitHub's tables: one line a row, `|` escaped. Without a header the first line is empty cells.
std::string pipe_table(const std::vector<std::vector<std::string>>& rows, bool has_header);

}  // namespace fairlead::websearch
