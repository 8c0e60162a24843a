#pragma once

struct sqlite3;

namespace fairlead::database {

/// Replaces instr(), replace() and the two-argument trim(), ltrim() and rtrim() by forms with the
/// same results in linear time. SQLite's own take length × length steps, half an hour for two texts
/// of 1 MB, and no deadline or cancellation reaches into a function. Returns an SQLite result code.
int install_bounded_functions(sqlite3* database);

}  // namespace fairlead::database
