#pragma once

namespace fairlead::database {

class Connection;

/// Replaces instr(), replace() and the two-argument trim(), ltrim() and rtrim() by forms with the
/// same results in linear time. SQLite's own take length × length steps, half an hour for two texts
/// of 1 MB, and no deadline or cancellation reaches into a function. Together with like() and
/// glob(), which take up to a second, they look at the deadline whenever they are called: SQLite
/// does not between the functions of one row. printf() and format() are refused. The connection
/// outlives them. Returns an SQLite result code.
int install_bounded_functions(Connection& connection);

}  // namespace fairlead::database
