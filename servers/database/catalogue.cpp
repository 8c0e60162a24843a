#include "servers/database/catalogue.h"

#include <sqlite3.h>

#include <algorithm>
#include <map>

#include <mcp/base/closest_match.h>
#include <mcp/base/utf8.h>

namespace fairlead::database {
namespace {

constexpr std::int64_t counted_exactly = 10'000;
// What one list may take, as rough JSON; the descriptions of single tables are always to be had.
constexpr std::size_t bytes_per_column = 90;
constexpr std::size_t max_schema_bytes = 200'000;

struct Entry {
  std::string name;
  std::string type;
  bool without_rowid = false;
};

// Tables and views that belong to the user: not SQLite's own, not those that a virtual table keeps.
constexpr std::string_view entries_sql =
    "SELECT name, type, wr FROM pragma_table_list WHERE schema = 'main' "
    "AND type IN ('table', 'view', 'virtual') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
    "ORDER BY name";

std::vector<Entry> read_entries(Connection& connection) {
  std::vector<Entry> entries;
  Statement statement(connection, entries_sql);
  while (statement.step()) {
    entries.push_back({statement.text(0), statement.text(1), statement.integer(2) != 0});
  }
  return entries;
}

struct KeyedColumn {
  ColumnInfo info;
  std::int64_t key_position = 0;
};

std::vector<KeyedColumn> read_columns(Connection& connection, const std::string& table) {
  std::vector<KeyedColumn> columns;
  Statement statement(connection,
                      "SELECT name, type, \"notnull\", dflt_value, pk, hidden "
                      "FROM pragma_table_xinfo(?) WHERE hidden <> 1 ORDER BY cid");
  statement.bind(1, table);
  while (statement.step()) {
    KeyedColumn column;
    column.info.name = mcp::replace_invalid_utf8(statement.text(0));
    column.info.type = mcp::replace_invalid_utf8(statement.text(1));
    column.info.nullable = statement.integer(2) == 0;
    if (!statement.is_null(3)) {
      column.info.default_value = mcp::replace_invalid_utf8(statement.text(3));
    }
    column.key_position = statement.integer(4);
    column.info.primary_key = column.key_position > 0;
    if (statement.integer(5) == 2) column.info.generated = "virtual";
    if (statement.integer(5) == 3) column.info.generated = "stored";
    columns.push_back(std::move(column));
  }
  return columns;
}

// Table name -> rows, from the last ANALYZE, where there was one.
std::map<std::string, std::int64_t> read_statistics(Connection& connection) {
  std::map<std::string, std::int64_t> rows;
  Statement exists(connection, "SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'");
  if (!exists.step()) return rows;
  Statement statement(connection, "SELECT tbl, stat FROM sqlite_stat1");
  while (statement.step()) {
    // The statistics begin with the number of rows; anybody may have written anything there.
    rows[statement.text(0)] = std::strtoll(statement.text(1).c_str(), nullptr, 10);
  }
  return rows;
}

std::optional<std::int64_t> estimate_rows(Connection& connection, const Entry& entry,
                                          const std::map<std::string, std::int64_t>& statistics) {
  if (entry.type != "table") return std::nullopt;
  const std::string table = quote_identifier(entry.name);
  Statement count(connection, "SELECT count(*) FROM (SELECT 1 FROM " + table + " LIMIT " +
                                  std::to_string(counted_exactly + 1) + ")");
  count.step();
  if (count.integer(0) <= counted_exactly) return count.integer(0);
  if (const auto known = statistics.find(entry.name);
      known != statistics.end() && known->second > counted_exactly) {
    return known->second;
  }
  if (entry.without_rowid) return std::nullopt;
  Statement highest(connection, "SELECT max(_rowid_) FROM " + table);
  highest.step();
  return std::max(highest.integer(0), counted_exactly + 1);
}

// A table that can't be looked into (its module is missing, a view is broken) must not hide the
// others; but a deadline or a cancelled call ends everything.
std::string problem_of(const Failure& failure) {
  if (failure.reason() != Reason::invalid_sql) throw failure;
  const std::string text = failure.what();
  return text.substr(0, text.find('\n'));
}

Entry find_entry(Connection& connection, std::string_view table) {
  const auto entries = read_entries(connection);
  const auto same = [&](const Entry& entry) {
    return entry.name.size() == table.size() &&
           sqlite3_strnicmp(entry.name.data(), table.data(), static_cast<int>(table.size())) == 0;
  };
  const auto found = std::find_if(entries.begin(), entries.end(), same);
  if (found != entries.end()) return *found;
  std::vector<std::string> names;
  for (const auto& entry : entries) names.push_back(entry.name);
  std::string text = "There is no table or view " +
                     std::string(mcp::truncate_utf8(mcp::replace_invalid_utf8(table), 200)) + ".";
  if (const auto match = mcp::closest_match(table, names)) {
    text += " Did you mean " + std::string(*match) + "?";
  }
  text += "\nHint: list_tables names them all.";
  throw Failure(Reason::bad_parameter, text);
}

std::vector<ForeignKey> read_foreign_keys(Connection& connection, const std::string& table) {
  std::vector<ForeignKey> keys;
  Statement statement(connection,
                      "SELECT id, \"table\", \"from\", \"to\", on_update, on_delete "
                      "FROM pragma_foreign_key_list(?) ORDER BY id, seq");
  statement.bind(1, table);
  std::optional<std::int64_t> current;
  while (statement.step()) {
    if (current != statement.integer(0)) {
      current = statement.integer(0);
      keys.push_back({{}, statement.text(1), {}, statement.text(4), statement.text(5)});
    }
    keys.back().columns.push_back(statement.text(2));
    if (!statement.is_null(3)) keys.back().referenced_columns.push_back(statement.text(3));
  }
  return keys;
}

std::vector<Index> read_indexes(Connection& connection, const std::string& table) {
  std::vector<Index> indexes;
  Statement statement(connection,
                      "SELECT name, \"unique\", partial FROM pragma_index_list(?) ORDER BY name");
  statement.bind(1, table);
  while (statement.step()) {
    Index index;
    index.name = statement.text(0);
    index.unique = statement.integer(1) != 0;
    index.partial = statement.integer(2) != 0;
    Statement columns(connection, "SELECT name FROM pragma_index_info(?) ORDER BY seqno");
    columns.bind(1, index.name);
    while (columns.step()) {
      index.columns.push_back(columns.is_null(0) ? "(expression)" : columns.text(0));
    }
    indexes.push_back(std::move(index));
  }
  return indexes;
}

}  // namespace

TableList read_tables(Connection& connection) {
  TableList list;
  const auto statistics = read_statistics(connection);
  const auto entries = read_entries(connection);
  list.total = entries.size();
  std::size_t bytes = 0;
  for (const auto& entry : entries) {
    TableSummary summary{mcp::replace_invalid_utf8(entry.name), entry.type, {}, {}, {}};
    try {
      for (auto& column : read_columns(connection, entry.name)) {
        bytes += bytes_per_column + column.info.name.size();
        summary.columns.push_back(std::move(column.info));
      }
      summary.approximate_rows = estimate_rows(connection, entry, statistics);
    } catch (const Failure& failure) {
      summary.problem = problem_of(failure);
    }
    bytes += bytes_per_column + entry.name.size();
    if (bytes > connection.options().max_bytes && !list.tables.empty()) {
      list.truncated = true;
      break;
    }
    list.tables.push_back(std::move(summary));
  }
  return list;
}

TableDescription read_table(Connection& connection, std::string_view table) {
  const Entry entry = find_entry(connection, table);
  TableDescription description;
  description.table = entry.name;
  description.type = entry.type;
  std::map<std::int64_t, std::string> key;
  for (auto& column : read_columns(connection, entry.name)) {
    if (column.key_position > 0) key[column.key_position] = column.info.name;
    description.columns.push_back(std::move(column.info));
  }
  for (auto& [position, name] : key) description.primary_key.push_back(name);
  description.foreign_keys = read_foreign_keys(connection, entry.name);
  description.indexes = read_indexes(connection, entry.name);
  description.approximate_rows = estimate_rows(connection, entry, read_statistics(connection));
  Statement sql(connection, "SELECT sql FROM sqlite_schema WHERE name = ?");
  sql.bind(1, entry.name);
  if (sql.step()) description.sql = mcp::replace_invalid_utf8(sql.text(0));
  return description;
}

Json read_schema(Connection& connection) {
  Json schema = Json::array();
  std::size_t bytes = 0;
  Statement statement(connection,
                      "SELECT type, name, tbl_name, sql FROM sqlite_schema "
                      "WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY tbl_name, "
                      "type NOT IN ('table', 'view'), name");
  while (statement.step()) {
    Json entry = {{"type", statement.text(0)},
                  {"name", mcp::replace_invalid_utf8(statement.text(1))},
                  {"tbl_name", mcp::replace_invalid_utf8(statement.text(2))},
                  {"sql", mcp::replace_invalid_utf8(statement.text(3))}};
    bytes += entry["sql"].get_ref<const std::string&>().size() + bytes_per_column;
    if (bytes > max_schema_bytes) {
      schema.push_back({{"type", "note"},
                        {"name", "cut"},
                        {"sql", "-- The schema is longer; describe_table shows each table."}});
      break;
    }
    schema.push_back(std::move(entry));
  }
  return schema;
}

Completion complete_table(Connection& connection, std::string_view prefix, std::size_t limit) {
  Completion completion;
  for (auto& entry : read_entries(connection)) {
    if (entry.name.size() < prefix.size() ||
        sqlite3_strnicmp(entry.name.data(), prefix.data(), static_cast<int>(prefix.size())) != 0) {
      continue;
    }
    ++completion.total;
    if (completion.values.size() < limit) completion.values.push_back(std::move(entry.name));
  }
  return completion;
}

}  // namespace fairlead::database
