#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "servers/database/database.h"

namespace fairlead::database {

class Connection;

/// Throws the Failure for the error that `connection` just had: SQLite's message, the line of `sql`
/// with a caret under the place, and a hint that tells what would be right.
/// `ended` says that the deadline or the caller ended the statement.
[[noreturn]] void throw_failure(Connection& connection, int code, std::optional<Reason> ended,
                                std::string_view sql);

/// The line around byte `offset` of `sql` and a caret below it, indented by two.
std::string point_at(std::string_view sql, std::size_t offset);

/// "5 s", "0.500 s".
std::string seconds_text(std::chrono::milliseconds time);

}  // namespace fairlead::database
