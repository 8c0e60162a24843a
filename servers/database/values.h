#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "servers/database/connection.h"
#include "servers/database/database.h"

namespace fairlead::database {

/// Binds `params` (see Query) to the statement; as many as it has, neither more nor fewer.
/// Throws Failure (bad_parameter).
void bind_parameters(sqlite3_stmt* statement, const Json& params);

/// Turns the rows of one statement into JSON within a budget of bytes. Long values are cut, and
/// what was cut is noted.
class RowReader {
 public:
  RowReader(sqlite3_stmt* statement, std::size_t max_bytes);

  std::vector<ResultColumn> columns() const;
  /// Appends the row that the statement stands on to `rows`; false when it doesn't fit any more.
  /// The first row always fits: its values are cut as far as needed.
  bool read(Json& rows);
  /// What was cut or replaced, a few of it, then how often more.
  std::vector<std::string> take_notes();

 private:
  Json value(int column, std::size_t budget);
  Json text(int column, std::size_t budget);
  Json blob(int column, std::size_t budget);
  void note(int column, const std::string& what);

  sqlite3_stmt* statement_;
  std::size_t max_bytes_;
  std::size_t used_ = 0;
  std::size_t row_ = 0;
  std::vector<std::string> names_;
  std::vector<std::string> row_notes_;
  std::vector<std::string> notes_;
  std::size_t further_notes_ = 0;
};

}  // namespace fairlead::database
