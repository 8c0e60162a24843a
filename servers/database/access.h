#pragma once

#include <string>
#include <vector>

#include "servers/database/database.h"

namespace fairlead::database {

/// What the authorizer of one connection knows and remembers.
struct Access {
  Mode mode = Mode::read_only;
  /// True while the connection itself prepares virtual tables, before any foreign SQL is seen.
  bool preparing = false;
  /// What was refused last, as the beginning of a sentence; empty when nothing was.
  std::string refused;
  /// True when that was a write that write mode would allow.
  bool refused_write = false;
  /// True when the statement creates, alters or drops, so that it has no rows to count.
  bool changes_schema = false;
};

/// The boundary: SQLite's authorizer callback. Its list is of what is allowed; whatever SQLite adds
/// later is refused. SQLite asks while it compiles a statement, and again for each statement that
/// a statement runs within itself (VACUUM, PRAGMA functions, virtual tables).
int authorize(void* access, int action, const char* first, const char* second, const char* database,
              const char* trigger) noexcept;

/// The functions that may stand in a FROM. SQLite compiles a CREATE TABLE of its own when one is
/// first used, which the authorizer would refuse: each connection uses them once before that.
std::vector<std::string> table_functions();

/// What the mode allows, as a sentence for the model.
std::string describe_allowed(Mode mode);

}  // namespace fairlead::database
