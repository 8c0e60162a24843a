#pragma once

#include <memory>

#include <mcp/server/server.h>

#include "servers/database/database.h"

namespace fairlead::database {

/// An MCP server for one database: the tools query_database, list_tables and describe_table, the
/// resource db://schema, the template db://tables/{name} and the prompt explore_database. What it
/// says of itself follows the database's mode. Its handlers keep the database alive.
std::unique_ptr<mcp::Server> make_server(std::shared_ptr<Database> database);

}  // namespace fairlead::database
