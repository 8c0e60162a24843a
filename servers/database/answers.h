#pragma once

#include <string>

#include "servers/database/database.h"

// What the tools answer, in two forms: JSON for programs, and a short text for models.

namespace fairlead::database {

Json to_json(const QueryResult& result);
Json to_json(const TableList& list);
Json to_json(const TableDescription& description);

/// JSON Schemas (2020-12) of the three.
Json query_result_schema();
Json table_list_schema();
Json table_description_schema();

/// How many records there are, the first five, and the notes.
std::string to_text(const QueryResult& result);
/// One line a table.
std::string to_text(const TableList& list);
/// The CREATE statement, the rows and the first records.
std::string to_text(const TableDescription& description);

}  // namespace fairlead::database
