#include "servers/database/answers.h"

#include <algorithm>

namespace fairlead::database {
namespace {

constexpr std::size_t shown_records = 5;

Json to_json(const ColumnInfo& column) {
  Json json = {{"name", column.name},
               {"type", column.type},
               {"nullable", column.nullable},
               {"primary_key", column.primary_key}};
  if (column.default_value) json["default"] = *column.default_value;
  if (column.generated) json["generated"] = *column.generated;
  return json;
}

Json to_json(const std::vector<ColumnInfo>& columns) {
  Json json = Json::array();
  for (const auto& column : columns) json.push_back(to_json(column));
  return json;
}

Json of_type(const char* type, const char* description = nullptr) {
  Json schema = {{"type", type}};
  if (description) schema["description"] = description;
  return schema;
}

Json list_of(Json items, const char* description = nullptr) {
  Json schema = of_type("array", description);
  schema["items"] = std::move(items);
  return schema;
}

Json object_of(Json properties, Json required) {
  return {
      {"type", "object"}, {"properties", std::move(properties)}, {"required", std::move(required)}};
}

Json column_info_schema() {
  return object_of({{"name", of_type("string")},
                    {"type", of_type("string", "as declared; may be empty")},
                    {"nullable", of_type("boolean")},
                    {"primary_key", of_type("boolean")},
                    {"default", of_type("string", "an SQL expression")},
                    {"generated", of_type("string", "virtual or stored")}},
                   {"name", "type", "nullable", "primary_key"});
}

// The records as objects, one a line: what a model reads best.
std::string records(const QueryResult& result, std::size_t count) {
  std::string text;
  for (std::size_t row = 0; row < count; ++row) {
    auto record = nlohmann::ordered_json::object();
    for (std::size_t i = 0; i < result.columns.size(); ++i) {
      record[result.columns[i].name] = result.rows[row][i];
    }
    text += "\nRecord " + std::to_string(row + 1) + ": " + record.dump();
  }
  return text;
}

std::string counted(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string rows_of(const std::optional<std::int64_t>& rows) {
  if (!rows) return {};
  return (*rows > 10'000 ? "about " : "") + std::to_string(*rows) + (*rows == 1 ? " row" : " rows");
}

}  // namespace

Json to_json(const QueryResult& result) {
  Json columns = Json::array();
  for (const auto& column : result.columns) {
    Json json = {{"name", column.name}};
    if (column.type) json["type"] = *column.type;
    columns.push_back(std::move(json));
  }
  Json json = {{"columns", std::move(columns)},
               {"rows", result.rows},
               {"row_count", result.row_count},
               {"truncated", result.truncated}};
  if (result.changes) json["changes"] = *result.changes;
  if (!result.notes.empty()) json["notes"] = result.notes;
  return json;
}

Json to_json(const TableList& list) {
  Json tables = Json::array();
  for (const auto& table : list.tables) {
    Json json = {{"table", table.table}, {"type", table.type}, {"columns", to_json(table.columns)}};
    if (table.approximate_rows) json["approximate_rows"] = *table.approximate_rows;
    if (table.problem) json["problem"] = *table.problem;
    tables.push_back(std::move(json));
  }
  return {{"tables", std::move(tables)}, {"total", list.total}, {"truncated", list.truncated}};
}

Json to_json(const TableDescription& description) {
  Json foreign_keys = Json::array();
  for (const auto& key : description.foreign_keys) {
    foreign_keys.push_back({{"columns", key.columns},
                            {"table", key.table},
                            {"referenced_columns", key.referenced_columns},
                            {"on_update", key.on_update},
                            {"on_delete", key.on_delete}});
  }
  Json indexes = Json::array();
  for (const auto& index : description.indexes) {
    indexes.push_back({{"name", index.name},
                       {"columns", index.columns},
                       {"unique", index.unique},
                       {"partial", index.partial}});
  }
  Json json = {{"table", description.table},
               {"type", description.type},
               {"columns", to_json(description.columns)},
               {"primary_key", description.primary_key},
               {"foreign_keys", std::move(foreign_keys)},
               {"indexes", std::move(indexes)},
               {"sql", description.sql}};
  if (description.approximate_rows) json["approximate_rows"] = *description.approximate_rows;
  if (description.sample) json["sample"] = to_json(*description.sample);
  return json;
}

Json query_result_schema() {
  return object_of(
      {{"columns",
        list_of(object_of({{"name", of_type("string")},
                           {"type", of_type("string", "as declared; absent for an expression")}},
                          {"name"}))},
       {"rows", list_of(list_of(Json::object()),
                        "one array a row, in the order of columns. Integers beyond 2^53 are "
                        "strings, blobs are {base64, bytes}")},
       {"row_count", of_type("integer")},
       {"truncated", of_type("boolean", "true when there are more rows than these")},
       {"changes", of_type("integer", "rows inserted, updated or deleted")},
       {"notes", list_of(of_type("string"), "values that were cut, and how to read on")}},
      {"columns", "rows", "row_count", "truncated"});
}

Json table_list_schema() {
  return object_of(
      {{"tables",
        list_of(object_of({{"table", of_type("string")},
                           {"type", of_type("string", "table, view or virtual")},
                           {"columns", list_of(column_info_schema())},
                           {"approximate_rows", of_type("integer", "exact up to 10000")},
                           {"problem", of_type("string", "why the columns are not known")}},
                          {"table", "type", "columns"}))},
       {"total", of_type("integer")},
       {"truncated", of_type("boolean", "true when there are more tables than these")}},
      {"tables", "total", "truncated"});
}

Json table_description_schema() {
  const Json names = list_of(of_type("string"));
  return object_of(
      {{"table", of_type("string")},
       {"type", of_type("string", "table, view or virtual")},
       {"columns", list_of(column_info_schema())},
       {"primary_key", names},
       {"foreign_keys", list_of(object_of({{"columns", names},
                                           {"table", of_type("string")},
                                           {"referenced_columns", names},
                                           {"on_update", of_type("string")},
                                           {"on_delete", of_type("string")}},
                                          {"columns", "table", "referenced_columns"}))},
       {"indexes", list_of(object_of({{"name", of_type("string")},
                                      {"columns", names},
                                      {"unique", of_type("boolean")},
                                      {"partial", of_type("boolean")}},
                                     {"name", "columns", "unique", "partial"}))},
       {"approximate_rows", of_type("integer", "exact up to 10000")},
       {"sql", of_type("string", "the CREATE statement")},
       {"sample", query_result_schema()}},
      {"table", "type", "columns", "primary_key", "foreign_keys", "indexes", "sql"});
}

std::string to_text(const QueryResult& result) {
  std::string text;
  if (result.changes) {
    text =
        "The statement changed " + counted(static_cast<std::size_t>(*result.changes), "row") + ".";
  }
  if (result.columns.empty()) {
    if (text.empty()) text = "The statement was executed.";
  } else {
    if (!text.empty()) text += " ";
    text += result.row_count == 0 ? "Query returned empty results - no matching data found."
                                  : "Query returned " + counted(result.row_count, "record") + ".";
    text += records(result, std::min(result.row_count, shown_records));
    if (result.row_count > shown_records) {
      text += "\nNote: Showing first " + std::to_string(shown_records) + " of " +
              std::to_string(result.row_count) +
              " records. Consider adding LIMIT or WHERE clauses for more precise results. The "
              "structured content has them all.";
    }
  }
  for (const auto& note : result.notes) text += "\nNote: " + note;
  return text;
}

std::string to_text(const TableList& list) {
  if (list.tables.empty()) return "The database has no tables.";
  std::string text = counted(list.total, "table") + (list.truncated ? ", some left out:" : ":");
  for (const auto& table : list.tables) {
    text += "\n" + quote_identifier(table.table);
    const std::string rows = rows_of(table.approximate_rows);
    if (table.type != "table") {
      text += " (" + table.type + ")";
    } else if (!rows.empty()) {
      text += " (" + rows + ")";
    }
    text += ": ";
    if (table.problem) text += *table.problem;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      const auto& column = table.columns[i];
      text += (i ? ", " : "") + quote_identifier(column.name);
      if (!column.type.empty()) text += " " + column.type;
      if (column.primary_key) text += " KEY";
    }
  }
  if (list.truncated) {
    text += "\nNote: " + std::to_string(list.total - list.tables.size()) +
            " more; SELECT name FROM sqlite_schema WHERE type = 'table' names them.";
  }
  return text;
}

std::string to_text(const TableDescription& description) {
  std::string text = description.sql.empty() ? description.table : description.sql + ";";
  const std::string rows = rows_of(description.approximate_rows);
  if (!rows.empty()) text += "\nIt has " + rows + ".";
  for (const auto& index : description.indexes) {
    text += "\nIndex " + index.name + (index.unique ? " (unique)" : "") + " on ";
    for (std::size_t i = 0; i < index.columns.size(); ++i) {
      text += (i ? ", " : "") + index.columns[i];
    }
  }
  if (description.sample && description.sample->row_count > 0) {
    text += "\nFirst rows:" + records(*description.sample, description.sample->row_count);
    for (const auto& note : description.sample->notes) text += "\nNote: " + note;
  }
  return text;
}

}  // namespace fairlead::database
