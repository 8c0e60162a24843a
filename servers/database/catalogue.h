#pragma once

#include <string_view>

#include "servers/database/connection.h"
#include "servers/database/database.h"

// What the schema tells, read over one connection by statements of our own.

namespace fairlead::database {

TableList read_tables(Connection& connection);
/// `sample` is filled by the caller. Throws Failure (bad_parameter) for an unknown table.
TableDescription read_table(Connection& connection, std::string_view table);
Json read_schema(Connection& connection);
Completion complete_table(Connection& connection, std::string_view prefix, std::size_t limit);

}  // namespace fairlead::database
